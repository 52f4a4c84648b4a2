Feature: A demonstration
  A lender can fill an empty installation with a simulated past, to try every page. What is made up is marked as
  synthetic everywhere, and nothing real can be taken for it.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months

  Scenario: What the demonstration makes up is marked
    Given the demonstration made up an application like hers
    Then that application is marked as synthetic

  Scenario: A real application is not marked
    When she applies
    Then her application is not marked as synthetic

  Scenario: No system can pass an application off as synthetic
    When the broker portal applies for her from the source "synthetic demonstration"
    Then the last request is refused
    And 0 decisions are recorded

  Scenario: A source that only looks like the reserved one is refused too
    When the broker portal applies for her from the source "Synthetic Demonstration"
    Then the last request is refused
