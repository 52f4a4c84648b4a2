Feature: One application per reference, and deciding it again
  A lender's own number stands for one application. Sending it again by mistake makes no second decision. An
  application that changed is decided again on purpose: the new decision says which one it supersedes, and why.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months

  Scenario: The same application sent twice is decided once
    When the broker portal sends her application as "LN-1"
    And the broker portal sends her application as "LN-1"
    Then both responses contain the same decision
    And the second response is marked as a replay
    And 1 decision is recorded

  Scenario: A number cannot be used for another application
    When the broker portal sends her application as "LN-1"
    And the broker portal sends her application as "LN-1" for $12,000
    Then the last request is refused because the number is taken, and the first decision is named
    And 1 decision is recorded

  Scenario: Two brokers use the same number
    When the broker portal sends her application as "LN-1"
    And another broker portal sends her application as "LN-1" for $12,000
    Then 2 decisions are recorded

  Scenario: A broker learns nothing about the applications of another
    When the broker portal sends her application as "LN-1" from the source "market"
    And another broker portal sends her application as "LN-1" from the source "market"
    Then the last request is refused because the number is taken, and no decision is named
    And 1 decision is recorded

  Scenario: A corrected application supersedes the first decision
    When the broker portal sends her application as "LN-1"
    And the broker portal corrects it to $12,000
    Then the second decision supersedes the first because of a "correction"
    And 2 decisions are recorded
    And verification without the copy finds no integrity errors

  Scenario: Correcting twice in the same way is decided once
    When the broker portal sends her application as "LN-1"
    And the broker portal corrects it to $12,000
    And the broker portal repeats the correction
    Then the second and the third response contain the same decision
    And 2 decisions are recorded

  Scenario: Only the newest decision can be superseded
    When the broker portal sends her application as "LN-1"
    And the broker portal corrects it to $12,000
    And the broker portal corrects the first decision to $14,000
    Then the last request is refused because the decision is superseded, and the second decision is named

  Scenario: An accepted application is not decided again
    When the broker portal sends her application as "LN-1"
    And the broker portal accepts the offer
    And the broker portal corrects it to $12,000
    Then the last request is refused because the application is accepted

  Scenario: A broker cannot supersede the decision of another
    When the broker portal sends her application as "LN-1"
    And another broker portal corrects it to $12,000
    Then the last request is refused because there is no such decision
    And 1 decision is recorded

  Scenario: A file sent twice makes no second decisions
    Given a file of 3 applicants with the lender's numbers and branches
    When the broker portal uploads the file twice and both are processed
    Then both files have the same decisions
    And 3 decisions are recorded

  Scenario: A file corrects an application
    Given a file of 3 applicants with the lender's numbers and branches
    When the broker portal uploads the file
    And the batch has been processed
    And the broker portal uploads the file with a correction of the second application
    And the batch has been processed
    Then the second decision is superseded because of a "correction", and the others stay
    And 4 decisions are recorded

  Scenario: An application that is twice in a file is decided once
    Given a file of 3 applicants with the lender's numbers and branches
    When the broker portal uploads the file with every row twice
    And the batch has been processed
    Then every row has the decision of its application
    And 3 decisions are recorded
