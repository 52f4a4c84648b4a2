Feature: Decisions on record
  An auditor must be able to trust that every answer a borrower got is on record as it was given, with who asked,
  when, and by which versions of model and policy.

  Background:
    Given the lender's first policy is in force
    And Anna earns $120,000 a year and asks for $10,000 over 36 months

  Scenario: Every answer can be found again, just as it was given
    When she applies
    Then the decision is on record under its number
    And what is on record is what was answered
    And the record names who asked, the model and the policy

  Scenario: The same question gets the same numbers, and a record of its own each time
    When she applies
    And she applies again
    Then both answers have the same probability of default, to the last bit
    And there are two decisions on record

  Scenario: The audit trail is whole after a day's work
    When she applies 5 times
    Then the auditor finds 5 entries in the audit trail and nothing broken

  Scenario: A risk manager looks through the declined applications
    Given Clara earns $50,000 a year and asks for $10,000 over 36 months
    And her debts take 42 % of her income
    When she applies
    And Anna applies
    Then a search for declined applications finds 1 decision
    And a search for approved applications finds 1 decision
