Feature: Final outcomes
  A referred application has no final outcome until a person decides. Afterwards everyone who reads the decision sees what the
  person decided beside what the system had decided, which stays as it was.

  Background:
    Given policy version 3 is in force
    And Anna was referred because of her score
    And Boris, whose score passes, was referred because his credit bureau file is frozen

  Scenario: A referral is undecided until a person decides
    Then Anna has no final outcome
    And the decisions that are undecided are those of Anna and Boris
    Given Uma has claimed the case of Boris
    When Uma approves the loan of Boris
    Then the final outcome of Boris is "approved", and the system's is "referred"
    And the decisions that are undecided are those of Anna
    And the decisions that are finally approved are those of Boris

  Scenario: The final outcome of what the system decided alone is the system's
    Given Dora was declined because of her score
    Then the final outcome of Dora is "declined", and the system's is "declined"

  Scenario: The overview counts the outcomes after people decided
    Given Uma has claimed the case of Boris
    When Uma approves the loan of Boris
    Then today's final outcomes are 1 approved, 0 counter-offers, 0 declined and 1 undecided

  Scenario: An applicant's broker sees the final outcome, and not who decided
    Given Emil, for whom the broker LoanFinder applied, was referred because of his score
    And Uma has claimed the case of Emil
    When Uma declines the loan of Emil
    Then a risk manager sees that Uma decided on Emil
    And LoanFinder sees the outcome "declined" of Emil, and no names
