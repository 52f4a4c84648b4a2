Feature: Decision records
  Every decision is recorded exactly as it was returned, with the requesting user, the time, and the model and policy
  versions, so that an auditor can rely on it.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months

  Scenario: A decision is recorded exactly as returned
    When she applies
    Then the decision is recorded under its identifier
    And the record equals the response
    And the record names the user, the model and the policy

  Scenario: The same application gets the same probability of default and a new record each time
    When she applies
    And she applies again
    Then both responses have exactly the same probability of default
    And 2 decisions are recorded

  Scenario: The audit trail is intact after several decisions
    When she applies 5 times
    Then the audit trail has 5 entries and no integrity errors

  Scenario: A risk manager filters decisions by outcome
    Given Clara earns $50,000 per year and requests $10,000 over 36 months
    And her debt-to-income ratio is 42 %
    When she applies
    And Anna applies
    Then a search for declined applications finds 1 decision
    And a search for approved applications finds 1 decision

  Scenario: A risk manager lists the decisions of one channel by amount
    Given Clara earns $50,000 per year and requests $12,500 over 36 months
    When Anna applies through the channel "branch"
    And Clara applies through the channel "branch"
    And Anna applies through the channel "broker"
    Then the channel "branch" has decisions on $12,500 and $10,000, the largest first

  Scenario: A record that cannot be read does not hide the others
    When she applies 3 times
    And the record of the 2nd decision is damaged
    Then a search finds 2 decisions, and names the 2nd as unreadable
    And opening or reproducing the 2nd decision says that its record cannot be read
