Feature: Decisions
  A lender needs consistent, explained decisions: approve applicants who are likely to repay, refer borderline cases
  to an underwriter, and decline the others with the specific reasons that the law requires.

  Background:
    Given policy version 2 is in force

  Scenario: An applicant with a good credit history is approved for the requested amount
    Given Anna earns $120,000 per year and requests $10,000 over 36 months
    And her FICO score is 780 to 784
    And she had 0 credit inquiries in the last six months
    When she applies
    Then the loan is approved
    And $10,000 is recommended
    And no reasons are stated

  Scenario: An applicant who is likely to default is declined with reasons
    Given Boris earns $40,000 per year and requests $15,000 over 60 months
    And his FICO score is 665 to 669
    And he had 4 credit inquiries in the last six months
    And he uses 90 % of his revolving credit
    When he applies
    Then the loan is declined
    And a default is predicted
    And between 1 and 4 reasons are stated
    And one of the reasons is "Length of the repayment term requested"

  Scenario: A high debt-to-income ratio is a reason to decline, whatever the score
    Given Clara earns $50,000 per year and requests $10,000 over 36 months
    And her debt-to-income ratio is 42 %
    When she applies
    Then the loan is declined
    And the only reason is "Debt payments including this loan are excessive in relation to income"

  Scenario: A smaller amount that would be approved is recommended
    Given Clara earns $50,000 per year and requests $10,000 over 36 months
    And her debt-to-income ratio is 40 %
    When she applies
    Then the loan is declined
    And a smaller amount is recommended
    When she applies for the recommended amount
    Then the loan is approved

  Scenario: No amount is recommended below the minimum FICO score
    Given David earns $50,000 per year and requests $10,000 over 36 months
    And his FICO score is 640 to 644
    When he applies
    Then the loan is declined
    And $0 is recommended
    And the only reason is "Credit bureau score is below the minimum for this loan"

  Scenario: An applicant with several public records is referred to an underwriter
    Given Elena earns $50,000 per year and requests $10,000 over 36 months
    And she has 2 public records
    When she applies
    Then the loan is referred to an underwriter
    And the only reason is "Too many public records of bankruptcy, lien or judgment"

  Scenario: Confidence is low for an applicant outside the training range
    Given Frank earns $20,000,000 per year and requests $10,000 over 36 months
    When he applies
    Then the confidence is low
    And the response states that his income is outside the training range

  Scenario Outline: A higher FICO score never increases the probability of default
    Given Grace earns $50,000 per year and requests $10,000 over 36 months
    And her FICO score is <score>
    When she applies
    And she applies again with a FICO score of <higher score>
    Then the second probability of default is not above the first

    Examples:
      | score      | higher score |
      | 660 to 664 | 665 to 669   |
      | 690 to 694 | 720 to 724   |
      | 720 to 724 | 800 to 804   |
