Feature: Counterfactuals
  An applicant who is not approved asks what would lead to approval. The lender responds with the smallest changes of
  the requested loan, of debts, or of factors that change over time which its model and policy would have approved.
  Past events and the applicant's own statements are not among them.

  Background:
    Given policy version 3 is in force
    And Clara earns $50,000 per year and requests $10,000 over 36 months

  Scenario: A smaller loan would be approved
    Given her debt-to-income ratio is 40 %
    When she applies
    And she asks what would lead to approval
    Then the options include a smaller loan
    And every option is approved when she applies with it

  Scenario: Lower card balances would be enough
    Given her FICO score is 675 to 679
    And she uses 82 % of her revolving credit
    When she applies
    And she asks what would lead to approval
    Then the options include lower revolving utilization
    And every option is approved when she applies with it

  Scenario: Two changes together would be enough
    Given her FICO score is 665 to 669
    And she uses 82 % of her revolving credit
    When she applies
    And she asks what would lead to approval
    Then one of the options combines two changes
    And every option is approved when she applies with it

  Scenario: An approved application needs no change
    Given her FICO score is 780 to 784
    And she had 0 credit inquiries in the last six months
    When she applies
    And she asks what would lead to approval
    Then no change is needed

  Scenario: Past events cannot be changed
    Given she has 2 public records
    When she applies
    And she asks what would lead to approval
    Then there are no options

  Scenario: Options come from the model that made the decision
    Given her debt-to-income ratio is 40 %
    When she applies
    And she asks what would lead to approval
    And the lender activates a stricter model
    And she asks again what would lead to approval
    Then the options are the same both times
