Feature: Events for callers
  A lender's or broker's system hears of what happens to the applications that it sent, without asking again and again. It is
  sent what it may read, and nothing about the applications of others.

  Background:
    Given policy version 3 is in force
    And the portal and the broker are systems that send applications

  Scenario: A system is sent its own decisions, as it can read them
    Given the portal wants to hear of decisions
    And the broker wants to hear of decisions
    When the portal applies for Anna
    Then the portal is sent 1 message: Anna's decision, as the portal can read it
    And the broker is sent nothing

  Scenario: What a person decided is sent to the system that applied
    Given the portal wants to hear of resolved cases
    And the portal has applied for Anna, who was referred
    When Uma claims the case of Anna
    And Uma declines the loan of Anna
    Then the portal is sent 1 message: Anna's decision, which Uma's decision made final as declined
    And the message does not say who decided

  Scenario: A system that wants to hear of resolved cases alone is sent no decisions
    Given the portal wants to hear of resolved cases
    When the portal applies for Anna
    Then the portal is sent nothing

  Scenario: After its subscription has ended, a system is sent nothing
    Given the portal wants to hear of decisions
    And the portal has ended its subscription
    When the portal applies for Anna
    Then the portal is sent nothing

  Scenario: Events that do not exist are refused, and each is named
    When the portal wants to hear of "decision.made" and "loan.sold"
    Then this is refused because "decision.made"
    And this is refused because "loan.sold"

  Scenario: People cannot subscribe
    When the risk manager wants to hear of decisions
    Then this is refused because "may not manage own webhook subscriptions"
