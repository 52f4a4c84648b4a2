Feature: Notices that are due to applicants
  An applicant who does not get the requested loan is told within 30 days. The days count from the receipt of the complete
  application, and a notice is due only while the decision that it states holds.

  Background:
    Given policy version 3 is in force

  Scenario: A decline by the system
    Given Dora was declined because of her score
    Then an adverse action notice to Dora is due in 30 days
    When 31 days go by
    Then the notice to Dora is overdue

  Scenario: A decline by a person counts from the receipt of the application
    Given Anna was referred because of her score
    Then no notice to Anna is due
    When 10 days go by
    And Uma claims the case of Anna
    And Uma declines the loan of Anna because "RISK_TOO_HIGH"
    Then an adverse action notice to Anna is due in 20 days

  Scenario: A counter-offer is one notice, until it is accepted
    Given Anna was referred because of her score
    And Uma has claimed the case of Anna
    When Uma offers Anna the largest loan that the policy approves
    Then a counter-offer to Anna is due in 30 days
    When Anna accepts the offer
    Then no notice to Anna is due
    And the last notice to Anna is cancelled because "accepted"

  Scenario: What the applicant is asked for starts the time again when it arrives
    Given Anna was referred because of her score
    And Uma has claimed the case of Anna
    When Uma asks for "Two payslips of this year" in the case of Anna
    Then a notice of incompleteness to Anna is due in 14 days
    When 5 days go by
    And Uma claims the case of Anna
    And Uma records the answer "Two payslips" in the case of Anna
    Then no notice to Anna is due
    When Uma declines the loan of Anna because "RISK_TOO_HIGH"
    Then an adverse action notice to Anna is due in 30 days

  Scenario: An application that is closed without an answer
    Given Anna was referred because of her score
    And Uma has claimed the case of Anna
    When Uma asks for "Two payslips of this year" in the case of Anna
    And 15 days go by
    And due times are checked
    Then an adverse action notice to Anna is due in 30 days

  Scenario: An application that is closed after a letter asked in time needs no other notice
    Given Anna was referred because of her score
    And Uma has claimed the case of Anna
    When Uma asks for "Two payslips of this year" in the case of Anna
    And Uma issues the notice to Anna
    And Uma records that the letter to Anna was delivered by mail
    And 15 days go by
    And due times are checked
    Then no notice to Anna is due
    And the last notice to Anna is cancelled because "asked_in_time"

  Scenario: An applicant who withdraws gets no notice
    Given Anna was referred because of her score
    And Uma has claimed the case of Anna
    When Uma asks for "Two payslips of this year" in the case of Anna
    And Anna withdraws her application
    Then no notice to Anna is due

  Scenario: A decline that is overturned in a review
    Given Dora was declined because of her score
    When Uma opens a review of Dora because "Her income was wrong"
    Then an adverse action notice to Dora is due in 30 days
    When Uma claims the case of Dora
    And Sara overturns the decline of Dora with Uma
    Then no notice to Dora is due
    And the last notice to Dora is cancelled because "overturned"

  Scenario: A second decline does not extend the time of the first
    Given Dora was declined because of her score
    When 20 days go by
    And the application of Dora is corrected and declined again
    Then an adverse action notice to Dora is due in 10 days
    And the earlier notice to Dora is cancelled because "superseded"

  Scenario: A service sees the notices on its own applications
    Given the broker portal applied for Boris, who was declined
    Then the broker portal sees that a notice to Boris is due
    And the broker rival sees no notice
    And the broker portal cannot issue the notice to Boris
