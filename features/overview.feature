Feature: Overview
  A risk manager sees outcomes, amounts and reasons of a period at a glance, and when these figures were calculated.

  Background:
    Given policy version 3 is in force
    And Clara earns $50,000 per year and requests $12,500 over 36 months
    And her debt-to-income ratio is 42 %
    And Anna earns $120,000 per year and requests $10,000 over 36 months

  Scenario: The overview shows outcomes, amounts and reasons of a day
    When Anna applies
    And Anna applies again
    And Clara applies
    Then today's overview shows 3 decisions: 2 approved, 0 referred and 1 declined
    And the total requested amount is $32,500
    And the reason "Debt payments including this loan are excessive in relation to income" is counted once
    And the mean probability of default is that of the responses

  Scenario: Decisions are counted by policy version
    When Anna applies
    And the lender activates a stricter policy
    And Anna applies again
    And Anna applies again
    Then the overview shows 1 decision under policy 3 and 2 under policy 4

  Scenario: Figures include every decision at once, and show when they were calculated
    When Anna applies
    Then today's overview shows 1 decision
    When Anna applies again
    Then a minute later it shows 2 decisions, as of the new time

  Scenario: A risk manager looks at the applications of one channel
    When Anna applies through the channel "branch"
    And Anna applies through the channel "broker"
    And Clara applies through the channel "broker"
    Then today's overview of the channel "branch" shows 1 decision
    And today's overview of the channel "broker" shows 2 decisions
    And today's overview of the channel "portal" shows 0 decisions
    And today's overview shows 3 decisions: 2 approved, 0 referred and 1 declined

  Scenario: A risk manager looks at one grade
    When Anna applies
    And Clara applies
    Then today's overview of Anna's grade shows 1 decision

  Scenario: Today is compared with yesterday until the same time
    When Anna applies
    And a day passes
    And Anna applies
    And Clara applies
    Then today's overview shows 2 decisions, and 1 in the period before

  Scenario: A period without decisions is empty
    When Anna applies
    Then the overview of last year shows no decisions and no mean probability of default

  Scenario: A period that ends before it starts is rejected
    Then an overview from today to yesterday is rejected

  Scenario Outline: Roles that read all decisions can see the overview
    When Anna applies
    Then the <role> sees 1 decision in today's overview

    Examples:
      | role         |
      | loan officer |
      | risk manager |
      | auditor      |

  Scenario Outline: Other roles cannot see the overview
    When Anna applies
    Then the <role> cannot see the overview

    Examples:
      | role    |
      | service |
      | admin   |
