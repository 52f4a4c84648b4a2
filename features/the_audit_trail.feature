Feature: The audit trail
  An auditor must be able to find out whether anybody changed or removed a decision afterwards, or put one there
  without an entry, even somebody with every right over the database. Each decision is chained to the one before it; a checkpoint, signed with a key
  that the database does not have, says how far the chain goes.

  Background:
    Given the lender's first policy is in force
    And Anna earns $120,000 a year and asks for $10,000 over 36 months
    And she applies 5 times
    And the service makes a checkpoint

  Scenario: What nobody touched is whole
    When she applies 2 times
    Then the auditor finds 7 entries in the audit trail and nothing broken
    And the auditor finds 1 checkpoint, signed by the service

  Scenario: A colleague is given another role
    Given Olga is a loan officer with the password "correct horse battery"
    When the administrator ines makes her a risk manager
    Then the auditor sees that ines made Olga a risk manager, and finds nothing broken

  Scenario: A recommended amount is changed afterwards
    When somebody changes the amount recommended in the 3rd decision
    Then the auditor is told that the record of entry 3 was changed

  Scenario: The last decisions are removed, with their entries
    When somebody removes the last 2 decisions and their entries
    Then the auditor is told that the trail is broken from entry 4 on

  Scenario: Every decision is removed, with all entries
    When somebody removes the last 5 decisions and their entries
    Then the auditor is told that the trail is broken from entry 1 on

  Scenario: A month's decisions are archived elsewhere
    When the decisions of this month are archived elsewhere
    Then the auditor who knows finds 5 entries, nothing broken, and 5 records elsewhere
    But the auditor who does not is told of 5 records that are missing

  Scenario: What is removed cannot pass for archived
    When somebody removes the 3rd decision, but not its entry
    Then the auditor who knows of last month's archive is told that the record of entry 3 is missing

  Scenario: A decision is slipped in without an entry
    When somebody slips in a decision that was never made
    Then the auditor is told of a decision that no entry vouches for

  Scenario: The removal is covered up with a checkpoint of somebody else's
    When somebody removes the last 2 decisions and their entries
    And signs a checkpoint of their own in place of the service's
    Then the auditor is told that the checkpoint is not the service's

  Scenario: A copy of a checkpoint confirms an untouched trail
    Given the auditor keeps a copy of the checkpoint elsewhere
    When she applies 2 times
    Then the auditor with the copy finds nothing broken

  Scenario: The last decisions are removed together with the checkpoint
    Given the auditor keeps a copy of the checkpoint elsewhere
    When somebody removes the last 2 decisions and their entries
    And somebody removes the checkpoint too
    Then the auditor without the copy finds nothing broken
    But the auditor with the copy is told that the checkpoint is missing

  Scenario: Everything is removed
    Given the auditor keeps a copy of the checkpoint elsewhere
    When somebody removes the last 5 decisions and their entries
    And somebody removes the checkpoint too
    Then the auditor without the copy is told that there is nothing to verify
    But the auditor with the copy is told that the checkpoint is missing

  Scenario: The text of the policy that decided is changed
    When somebody changes the stored text of the policy that decided
    Then the auditor is told that the policy's document was changed

  Scenario: The policy that decided is removed
    When somebody removes the stored policy that decided
    Then the auditor is told that decisions name a policy that is not stored
