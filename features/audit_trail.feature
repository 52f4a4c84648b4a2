Feature: Audit trail
  An auditor can detect whether a decision was altered, removed or inserted without an audit entry, even by an intruder
  with full access to the database. Each entry is chained to the previous one. A checkpoint, signed with a key that is
  not in the database, records the length of the chain.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months
    And she applies 5 times
    And the service creates a checkpoint

  Scenario: An unchanged trail is verified
    When she applies 2 times
    Then the audit trail has 7 entries and no integrity errors
    And the audit trail has 1 checkpoint, signed by the service

  Scenario: A change of role is recorded
    Given Olga is a loan officer with the password "correct horse battery"
    When the administrator ines changes her role to risk manager
    Then the audit trail shows that ines changed the role of Olga to risk manager
    And the audit trail has no integrity errors

  Scenario: A recommended amount is altered
    When an intruder alters the recommended amount of the 3rd decision
    Then verification reports that the record of entry 3 was altered

  Scenario: The last decisions are removed with their entries
    When an intruder removes the last 2 decisions and their entries
    Then verification reports that entries are missing from entry 4

  Scenario: All decisions are removed with their entries
    When an intruder removes the last 5 decisions and their entries
    Then verification reports that entries are missing from entry 1

  Scenario: The decisions of a month are archived
    When the decisions of this month are moved to an archive
    Then verification with this month declared as archived finds 5 entries, no integrity errors and 5 archived records
    But verification without that declaration reports 5 missing records

  Scenario: A removed decision cannot be passed off as archived
    When an intruder removes the 3rd decision, but not its entry
    Then verification with last month declared as archived reports that the record of entry 3 is missing

  Scenario: A decision is inserted without an entry
    When an intruder inserts a decision that was never made
    Then verification reports a decision without an entry

  Scenario: A removal is covered up with a forged checkpoint
    When an intruder removes the last 2 decisions and their entries
    And the intruder replaces the checkpoint with one signed by another key
    Then verification reports that the checkpoint was not signed by the service

  Scenario: A copy of a checkpoint confirms an unchanged trail
    Given the auditor keeps a copy of the checkpoint
    When she applies 2 times
    Then verification with the copy finds no integrity errors

  Scenario: The last decisions are removed together with the checkpoint
    Given the auditor keeps a copy of the checkpoint
    When an intruder removes the last 2 decisions and their entries
    And the intruder removes the checkpoint
    Then verification without the copy finds no integrity errors
    But verification with the copy reports that the checkpoint is missing

  Scenario: Everything is removed
    Given the auditor keeps a copy of the checkpoint
    When an intruder removes the last 5 decisions and their entries
    And the intruder removes the checkpoint
    Then verification without the copy reports that there is nothing to verify
    But verification with the copy reports that the checkpoint is missing

  Scenario: The stored policy is altered
    When an intruder alters the stored policy
    Then verification reports that the stored policy was altered

  Scenario: The stored policy is removed
    When an intruder removes the stored policy
    Then verification reports decisions under a policy that is not stored

  Scenario: An incremental verification covers what was added
    Given the auditor has verified the audit trail
    When she applies 2 times
    And the service creates a checkpoint
    Then an incremental verification covers 3 entries and finds no integrity errors

  Scenario: An old record is altered after it was verified
    Given the auditor has verified the audit trail
    When an intruder alters the recommended amount of the 3rd decision
    Then an incremental verification finds no integrity errors
    But verification reports that the record of entry 3 was altered
    And from then on an incremental verification covers everything, until no integrity errors remain

  Scenario: The report of a verification is kept
    When an intruder alters the recommended amount of the 3rd decision
    And the auditor verifies everything
    Then the report of that verification names the altered record of entry 3
    And an intruder who alters the report is found out

  Scenario: A verified checkpoint is removed
    Given the auditor has verified the audit trail
    When the intruder removes the checkpoint
    Then an incremental verification reports that the checkpoint was removed

  Scenario: Logins are recorded
    Given Olga is a loan officer with the password "correct horse battery"
    When Olga logs in with the password "correct horse battery"
    Then the audit trail shows that Olga logged in
    And the audit trail has no integrity errors

  Scenario: Failed logins are counted
    Given Olga is a loan officer with the password "correct horse battery"
    When an attacker tries 8 wrong passwords for Olga
    Then the audit trail shows 8 failed logins of Olga in one event

  Scenario: A password that is typed as the username is not recorded
    Given Olga is a loan officer with the password "correct horse battery"
    When an attacker logs in as "correct horse battery"
    Then the audit trail shows 1 failed login of an unknown user in one event
    And the audit trail does not contain "correct horse"
