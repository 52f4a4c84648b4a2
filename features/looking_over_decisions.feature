Feature: Looking over decisions
  A risk manager must see at a glance what the lender's decisions of a period come to, without adding up herself, and
  must never take figures of a while ago for those of now.

  Background:
    Given the lender's first policy is in force
    And Clara earns $50,000 a year and asks for $12,500 over 36 months
    And her debts take 42 % of her income
    And Anna earns $120,000 a year and asks for $10,000 over 36 months

  Scenario: Outcomes, amounts and reasons of a day
    When Anna applies
    And Anna applies again
    And Clara applies
    Then today's overview shows 3 decisions: 2 approved, 0 referred and 1 declined
    And the borrowers asked for $32,500 in all
    And "Debt payments including this loan are excessive in relation to income" was the reason once
    And the mean probability of default is that of the answers

  Scenario: What was decided under each policy is told apart
    When Anna applies
    And the lender puts a stricter policy in force
    And Anna applies again
    And Anna applies again
    Then 1 decision was made under policy 1, and 2 under policy 2

  Scenario: Figures say how old they are
    When Anna applies
    Then today's overview shows 1 decision
    When Anna applies again
    Then today's overview still shows 1 decision, as of the first look
    And a minute later it shows 2 decisions, as of then

  Scenario: A period without decisions comes to nothing
    When Anna applies
    Then the overview of last year shows no decisions, and no mean probability of default

  Scenario: A period that ends before it starts is refused
    Then an overview from today to yesterday is refused

  Scenario Outline: People who may read all decisions may look them over
    When Anna applies
    Then the <role> sees 1 decision in today's overview

    Examples:
      | role         |
      | loan officer |
      | risk manager |
      | auditor      |

  Scenario Outline: Nobody else is shown what all decisions come to
    When Anna applies
    Then the <role> is refused the overview

    Examples:
      | role    |
      | service |
      | admin   |
