Feature: What would change a decision
  A borrower who is turned down asks what she can do. The lender answers with the smallest changes that its model and
  its policy would have approved: of what she asks for, of what she owes, and of what time changes; never of facts of
  the past, nor of what she says about herself.

  Background:
    Given the lender's first policy is in force
    And Clara earns $50,000 a year and asks for $10,000 over 36 months

  Scenario: A smaller loan would have been approved
    Given her debts take 40 % of her income
    When she applies
    And she asks what would change the decision
    Then she is told that a smaller loan would be approved
    And whatever she is told is approved when she applies so

  Scenario: Paying down credit cards would have been enough
    Given her credit bureau score is 675 to 679
    And she uses 82 % of her revolving credit
    When she applies
    And she asks what would change the decision
    Then she is told that using less of her revolving credit would be approved
    And whatever she is told is approved when she applies so

  Scenario: Two changes together, where none alone would do at once
    Given her credit bureau score is 665 to 669
    And she uses 82 % of her revolving credit
    When she applies
    And she asks what would change the decision
    Then she is told of two changes that would be approved together
    And whatever she is told is approved when she applies so

  Scenario: Nothing needs to change in an application that was approved
    Given her credit bureau score is 780 to 784
    And she had 0 credit inquiries in the last six months
    When she applies
    And she asks what would change the decision
    Then she is told that nothing would have to change

  Scenario: The past cannot be changed
    Given she has 2 public records
    When she applies
    And she asks what would change the decision
    Then she is told that no change she can make would be approved

  Scenario: The model that decided is asked, not that of today
    Given her debts take 40 % of her income
    When she applies
    And she asks what would change the decision
    And the lender puts a stricter model in force
    And she asks again what would change the decision
    Then she is told the same both times
