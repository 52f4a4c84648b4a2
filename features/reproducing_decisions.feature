Feature: Reproducing decisions
  Years later an auditor must be able to see for herself that a decision followed from the application, by the model
  and the policy of its day, whatever model and policy are in force by then.

  Background:
    Given the lender's first policy is in force
    And Boris earns $40,000 a year and asks for $15,000 over 60 months
    And he had 4 credit inquiries in the last six months

  Scenario: A decision made again is the same to the last bit
    When he applies
    Then the auditor reproduces the decision to the last bit

  Scenario: A decision is reproduced with the model of its day
    When he applies
    And the lender puts a stricter model in force
    And he applies again
    Then the second answer has a higher probability of default than the first
    And the auditor reproduces both decisions to the last bit

  Scenario: A decision is reproduced with the policy of its day
    When he applies
    And the lender puts a stricter policy in force
    And he applies again
    Then the auditor reproduces both decisions to the last bit

  Scenario: A record that says otherwise than the model and the policy is found out
    When he applies
    And somebody changes the amount recommended in the 1st decision
    Then reproducing the decision shows that the recommended amount differs

  Scenario: A model that was not kept is said to be missing
    When he applies
    And the model of its day is lost
    Then the auditor is told that the decision cannot be reproduced without its model
