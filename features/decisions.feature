Feature: Decisions
  A lender needs consistent, explained decisions: approve applicants who are likely to repay, refer borderline cases
  to an underwriter, and decline the others with the specific reasons that the law requires.

  Background:
    Given policy version 3 is in force

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
    And her FICO score is 740 to 744
    And she has 2 public records
    When she applies
    Then the loan is referred to an underwriter
    And the only reason is "Too many public records of bankruptcy, lien or judgment"

  Scenario: Rules and score both decline: both kinds of reasons are stated, those of rules first
    Given Boris earns $40,000 per year and requests $18,000 over 60 months
    And his FICO score is 640 to 644
    And he had 5 credit inquiries in the last six months
    When he applies
    Then the loan is declined
    And between 2 and 4 reasons are stated
    And the reasons from rules are "Credit bureau score is below the minimum for this loan"
    And one of the reasons from the score is "Length of the repayment term requested"

  Scenario: The longest employment is never a reason
    Given Boris earns $40,000 per year and requests $15,000 over 60 months
    And his FICO score is 665 to 669
    And he had 4 credit inquiries in the last six months
    And he has been employed for "10+ years"
    When he applies
    Then the loan is declined
    And none of the reasons is "Length of employment"

  Scenario: The other term is proposed if no amount passes at the requested one
    Given Henry earns $60,000 per year and requests $12,000 over 60 months
    And his FICO score is 690 to 694
    When he applies
    Then $0 is recommended
    And a loan over 36 months is proposed instead
    When he applies for the proposed loan
    Then the loan is approved

  Scenario: Confidence is high where a refitted model would decide alike
    Given Anna earns $120,000 per year and requests $10,000 over 36 months
    And her FICO score is 780 to 784
    And she had 0 credit inquiries in the last six months
    When she applies
    Then the confidence is high

  Scenario: An outcome that a rule decides is certain
    Given David earns $50,000 per year and requests $10,000 over 36 months
    And his FICO score is 640 to 644
    When he applies
    Then the confidence is high
    And the outcome is certain

  Scenario: Confidence is at most medium for an applicant outside the training range
    Given Frank earns $50,000 per year and requests $10,000 over 36 months
    And his debt-to-income ratio is 90 %
    When he applies
    Then the confidence is medium
    And the response states that his debt-to-income ratio is outside the training range

  Scenario: A higher income than any in training is not unusual
    Given Frank earns $20,000,000 per year and requests $10,000 over 36 months
    When he applies
    Then nothing is outside the training range

  Scenario: An applicant without a revolving account counts as one with usual utilization
    Given Ida earns $50,000 per year and requests $10,000 over 36 months
    And she uses 48.9 % of her revolving credit
    When she applies
    And she applies without a revolving account
    Then both responses have exactly the same probability of default

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
