Feature: Evidence
  An auditor hands over evidence on decisions. A person outside the lender verifies it without the service: the records
  are those that were stored, and a checkpoint, signed with the service's key, covers them.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months
    And she applies 3 times
    And the service creates a checkpoint

  Scenario: Evidence on one decision is verified without the service
    When the auditor exports evidence on the 2nd decision
    Then the evidence is on 1 decision and is verified as unchanged
    And the audit trail shows that Arthur exported evidence on the 2nd decision

  Scenario: Evidence on all decisions is verified without the service
    When the risk manager exports evidence on all decisions
    Then the evidence is on 3 decisions and is verified as unchanged

  Scenario: A receiver who does not know the service's key
    When the auditor exports evidence on the 2nd decision
    Then without the service's key the evidence is not proven
    And with the key of another service the evidence is reported as changed

  Scenario: A decision was altered before the export
    Given an intruder has altered the recommended amount of the 3rd decision
    When the auditor exports evidence on the 3rd decision
    Then the evidence is reported as changed

  Scenario: The evidence is altered after the export
    When the auditor exports evidence on the 1st decision
    And a forger changes the record in the evidence and its list of files
    Then the evidence is reported as changed

  Scenario: A decision is left out of the evidence
    When the auditor exports evidence on all decisions
    And a forger leaves the 1st decision out of the evidence and its list of files
    Then the evidence is not proven

  Scenario: No checkpoint covers the decision yet
    When she applies 1 time
    And the risk manager exports evidence on the 4th decision
    Then the evidence is not proven
    But when the auditor exports evidence on the 4th decision, it is verified as unchanged

  Scenario Outline: Exporting evidence
    Then exporting evidence on the 1st decision is <result> for the <role>

    Examples:
      | role         | result  |
      | auditor      | allowed |
      | risk manager | allowed |
      | loan officer | refused |
      | service      | refused |
      | admin        | refused |
