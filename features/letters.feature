Feature: Letters to applicants
  An applicant who is declined, or offered another loan, learns the specific reasons of the final decision, the score that was
  used, and what the law grants. No letter can be made while anything that it must state is missing.

  Background:
    Given policy version 3 is in force

  Scenario: A decline by the system is explained by the reasons on the record
    Given Dora was declined because of her score
    Then the letter to Dora gives the reasons of her decision, in their order
    And the letter to Dora states the points of her decision, their range, and up to five key factors
    And the letter to Dora names "Example Bureau", which played no part in the decision
    And the letter to Dora grants a free report within 60 days, and the right to dispute it
    And the letter to Dora gives the Equal Credit Opportunity Act notice of the "Federal Trade Commission"

  Scenario: A decline by a person states the person's reason, then those of the system
    Given Anna was referred because of her score
    And Uma has claimed the case of Anna
    When Uma declines the loan of Anna because "INCOME_NOT_VERIFIED"
    Then the letter to Anna gives "Income or employment could not be verified" and the reasons of her decision

  Scenario: What a person was asked to verify is not held against the applicant
    Given Boris, whose score passes, was referred because his credit bureau file is frozen
    And Uma has claimed the case of Boris
    When Uma declines the loan of Boris because "INCOME_NOT_VERIFIED"
    Then the letter to Boris gives "Income or employment could not be verified" alone

  Scenario: A high risk is no reason, but what makes it high is
    Given Anna was referred because of her score
    And Uma has claimed the case of Anna
    When Uma declines the loan of Anna because "RISK_TOO_HIGH"
    Then the letter to Anna gives the reasons of her decision, in their order

  Scenario: A decline without a specific reason is refused, because no letter could explain it
    Given Frida was approved
    When Uma opens a review of Frida because "Her employer has closed"
    And Uma claims the case of Frida
    And Uma declines the loan of Frida because "RISK_TOO_HIGH"
    Then this is refused because "RISK_TOO_HIGH does not tell the applicant why not"
    When Uma declines the loan of Frida because "INCOME_NOT_VERIFIED"
    Then the letter to Frida gives "Income or employment could not be verified" alone

  Scenario: A counter-offer and the reasons against the requested loan are in one letter
    Given Anna was referred because of her score
    And Uma has claimed the case of Anna
    When Uma offers Anna the largest loan that the policy approves
    Then the letter to Anna offers that loan until a day
    And the letter to Anna gives the reasons of her decision, in their order

  Scenario: A request for information says what is missing and by when
    Given Anna was referred because of her score
    And Uma has claimed the case of Anna
    When Uma asks for "Two payslips of this year" in the case of Anna
    Then the letter to Anna asks for "Two payslips of this year" by a day
    And the letter to Anna gives no reasons

  Scenario: An application without an answer is closed for that reason
    Given Anna was referred because of her score
    And Uma has claimed the case of Anna
    When Uma asks for "Two payslips of this year" in the case of Anna
    And 15 days go by
    And due times are checked
    Then the letter to Anna gives "Information requested was not provided" alone
    And the letter to Anna names no credit bureau

  Scenario: A lender that has not said who it is can make no letter
    Given the lender has set neither its own address nor that of the credit bureau
    And Dora was declined because of her score
    Then the letter to Dora cannot be made without "the name of the lender"
    And the letter to Dora cannot be made without "the telephone number of the consumer reporting agency"
    And the letter to Dora cannot be made without "the address of the authority that the ECOA notice names"
