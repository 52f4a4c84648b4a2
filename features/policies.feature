Feature: Changing the policy
  The risk manager changes cut-offs and limits while the service runs. A new policy decides on new applications; what was
  decided before is kept, explained and reproduced with the policy that decided.

  Background:
    Given policy version 3 is in force
    And Boris earns $60,000 per year and requests $10,000 over 36 months

  Scenario: A new policy decides on new applications only
    When he applies
    And the risk manager Rita activates policy 4, which approves below 5 % and declines from 8 %
    And he applies again
    Then the 1st application was approved by policy 3
    And the 2nd application was declined by policy 4
    And the auditor reproduces every decision exactly

  Scenario: The lender returns to the policy before
    When the risk manager Rita activates policy 4, which approves below 5 % and declines from 8 %
    And the risk manager Rita activates policy 3 again
    And he applies
    Then the 1st application was approved by policy 3

  Scenario: Every activation is on the audit trail
    When the risk manager Rita activates policy 4, which approves below 5 % and declines from 8 %
    Then the audit trail records that Rita activated policy 4
    And the audit trail has no integrity errors

  Scenario: Two policies cannot have the same version
    When the risk manager Rita activates policy 4, which approves below 5 % and declines from 8 %
    Then Rita cannot activate another policy 4, which approves below 6 % and declines from 8 %
    And policy 4 stays in force

  Scenario Outline: Only risk managers change the policy
    Then the <role> cannot activate policy 4
    And policy 3 stays in force

    Examples:
      | role         |
      | loan officer |
      | auditor      |
      | admin        |
      | service      |
