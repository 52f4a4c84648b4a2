Feature: The lender's own references
  A lender sends its own numbers with an application, and the channel by which it came. They are recorded and returned
  with the decision, and decisions are found by them. They never change a decision.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months

  Scenario: A decision is found by the lender's own number
    Given her application has the number "LN-0815" and came through the channel "branch"
    When she applies
    Then the record has the number "LN-0815" and the channel "branch"
    And a search for the number "LN-0815" finds 1 decision
    And a search for the number "LN-0816" finds 0 decisions

  Scenario: A number changes no decision
    When she applies
    And she applies with the number "LN-0815"
    Then both responses have exactly the same probability of default
    And 2 decisions are recorded

  Scenario: Another broker finds nothing by a number it knows
    When the broker portal applies for her with the number "LN-0815"
    Then the broker portal finds 1 decision by the number "LN-0815"
    And another broker portal finds 0 decisions by the number "LN-0815"

  Scenario: The same key stands for the same number
    When she applies with the number "LN-0815" and the key "monday"
    And she applies with the number "LN-0816" and the key "monday"
    Then the last request is refused
    And 1 decision is recorded

  Scenario: The results of a file repeat the lender's numbers and columns
    Given a file of 3 applicants with the lender's numbers and branches
    When the broker portal uploads the file and wants the branches in the results
    And the batch has been processed
    Then the batch is done, with 3 decisions and 0 rejected rows
    And each result has the number and the branch of its applicant
    And a search for each number finds the decision of its result

  Scenario: Decisions of a trial run are marked
    Given a file of 3 applicants with the lender's numbers and branches
    When the broker portal uploads the file as a trial run
    And the batch has been processed
    And Anna applies
    Then a search without trial runs finds 1 decision
    And a search for trial runs finds 3 decisions
