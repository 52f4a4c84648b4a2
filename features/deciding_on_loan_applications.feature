Feature: Deciding on loan applications
  A lender wants the same, explained answer for every borrower: approve who is likely to repay, refer who is in
  doubt to an underwriter, and decline the others with the specific reasons the law requires.

  Background:
    Given the lender's first policy is in force

  Scenario: A borrower with a good history gets what she asks for
    Given Anna earns $120,000 a year and asks for $10,000 over 36 months
    And her credit bureau score is 780 to 784
    And she had 0 credit inquiries in the last six months
    When she applies
    Then the loan is approved
    And $10,000 is recommended
    And no reasons need to be stated

  Scenario: A borrower who is likely to default is declined, and told why
    Given Boris earns $40,000 a year and asks for $15,000 over 60 months
    And his credit bureau score is 665 to 669
    And he had 4 credit inquiries in the last six months
    And he uses 90 % of his revolving credit
    When he applies
    Then the loan is declined
    And a default is predicted
    And between 1 and 4 reasons are stated
    And one of the reasons is "Length of the repayment term requested"

  Scenario: Too much debt for the income is a reason of its own, whatever the score says
    Given Clara earns $50,000 a year and asks for $10,000 over 36 months
    And her debts take 42 % of her income
    When she applies
    Then the loan is declined
    And the only reason is "Debt payments including this loan are excessive in relation to income"

  Scenario: A smaller loan that would be approved is recommended
    Given Clara earns $50,000 a year and asks for $10,000 over 36 months
    And her debts take 40 % of her income
    When she applies
    Then the loan is declined
    And a smaller amount is recommended
    When she applies for the recommended amount
    Then the loan is approved

  Scenario: Nothing is recommended to a borrower below the bureau score that the policy asks for
    Given David earns $50,000 a year and asks for $10,000 over 36 months
    And his credit bureau score is 640 to 644
    When he applies
    Then the loan is declined
    And $0 is recommended
    And the only reason is "Credit bureau score is below the minimum for this loan"

  Scenario: Public records are for a person to look at
    Given Elena earns $50,000 a year and asks for $10,000 over 36 months
    And she has 2 public records
    When she applies
    Then the loan is referred to an underwriter
    And the only reason is "Too many public records of bankruptcy, lien or judgment"

  Scenario: A borrower unlike those the model has seen is answered with low confidence
    Given Frank earns $20,000,000 a year and asks for $10,000 over 36 months
    When he applies
    Then the confidence is low
    And the answer says that his income is outside what the model knows

  Scenario Outline: A better bureau score never makes a loan riskier
    Given Grace earns $50,000 a year and asks for $10,000 over 36 months
    And her credit bureau score is <score>
    When she applies
    And her credit bureau score becomes <better score> and she applies again
    Then the second probability of default is not above the first

    Examples:
      | score      | better score |
      | 660 to 664 | 665 to 669   |
      | 690 to 694 | 720 to 724   |
      | 720 to 724 | 800 to 804   |
