Feature: What if
  A loan officer who talks with an applicant wants to know what another amount or term would change. The answer is
  complete, and it is no decision: nothing is recorded.

  Background:
    Given policy version 3 is in force
    And Clara earns $50,000 per year and requests $10,000 over 36 months
    And her debt-to-income ratio is 40 %

  Scenario: A smaller amount than the one declined would be approved
    When she applies
    Then the loan is declined
    When the loan officer tries the decision with $3,000
    Then it would be approved
    And only 1 decision is recorded

  Scenario: Without a change the answer is the decision
    When she applies
    And the loan officer tries the decision without a change
    Then it would be declined
    And the answer equals the decision

  Scenario: An application can be tried before it is made
    When the loan officer tries her application
    Then it would be declined
    And the only reason would be "Debt payments including this loan are excessive in relation to income"
    And only 0 decisions are recorded

  Scenario: A changed decision is tried with its own policy, or with the present one
    When she applies
    And the lender activates a policy that lends to nobody with a debt-to-income ratio above 38 %
    And the loan officer tries the decision with $3,000
    Then it would be approved
    When the loan officer tries the decision with $3,000 and the present policy
    Then it would be declined

  Scenario: Earlier applications of the applicant count when an application is tried
    Given her applicant reference is "CLARA-1"
    When she applies
    And the loan officer tries her application
    Then it would be declined
    And one of the reasons would be "A recent application was declined"

  Scenario: Auditors and the lender's own systems cannot try changes
    When she applies
    Then an auditor may not try changes
    And a service may not try changes
