Feature: Reproduction
  Years later an auditor can verify that a decision followed from the application, using the model and policy of the
  day, whatever model and policy are in force by then.

  Background:
    Given policy version 3 is in force
    And Boris earns $40,000 per year and requests $15,000 over 60 months
    And he had 4 credit inquiries in the last six months

  Scenario: A decision is reproduced exactly
    When he applies
    Then the auditor reproduces every decision exactly

  Scenario: A decision is reproduced with the model of the day
    When he applies
    And the lender activates a stricter model
    And he applies again
    Then the second response has a higher probability of default than the first
    And the auditor reproduces every decision exactly

  Scenario: A decision is reproduced with the policy of the day
    When he applies
    And the lender activates a stricter policy
    And he applies again
    Then the auditor reproduces every decision exactly

  Scenario: A decision by a policy from before outcome stability is reproduced as it was made
    Given the lender still decides by policy 1
    When he applies
    And the lender activates policy 3
    And he applies again
    Then the 1st response states no outcome stability, and the 2nd does
    And the auditor reproduces every decision exactly

  Scenario: Reproduction reveals an altered record
    When he applies
    And an intruder alters the recommended amount of the 1st decision
    Then reproducing the decision shows a different recommended amount

  Scenario: A decision cannot be reproduced without its model
    When he applies
    And the model of the day is lost
    Then reproducing the decision fails because its model is not archived
