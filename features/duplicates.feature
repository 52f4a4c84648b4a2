Feature: Other applications of the same applicant
  An applicant who applies again and again must not get by repetition what one application would not get. The policy
  says how many days must lie between two applications and after a decline, and how much one applicant may borrow in
  all. The lender's own reference of the applicant says who the applicant is.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months
    And her FICO score is 780 to 784
    And she had 0 credit inquiries in the last six months
    And her applicant reference is "ANNA-7"

  Scenario: A second application within 30 days is referred to an underwriter
    When she applies
    Then the loan is approved
    When she applies again 10 days later
    Then the loan is referred
    And the only reason is "Another recent application for the same product"
    And the decision names the 1st decision as related
    And the auditor reproduces every decision exactly

  Scenario: After 30 days an application is not a duplicate any more
    When she applies
    And she applies again 31 days later
    Then the loan is approved
    And the decision names no related decision

  Scenario: An application of another applicant makes no difference
    When she applies
    And she applies with the applicant reference "HANNA-8"
    Then the loan is approved

  Scenario: Without a reference of the applicant nothing is known of other applications
    When she applies without an applicant reference
    And she applies without an applicant reference
    Then the loan is approved

  Scenario: For 30 days after a decline the applicant is declined again
    When she applies with a debt-to-income ratio of 60 %
    Then the loan is declined
    When she applies again 10 days later
    Then the loan is declined
    And the only reason is "A recent application was declined"

  Scenario: A decline because of an earlier decline does not extend the 30 days
    When she applies with a debt-to-income ratio of 60 %
    And she applies again 10 days later
    And she applies again 21 days later
    Then the loan is referred
    And the only reason is "Another recent application for the same product"

  Scenario: Accepted loans and the amount requested have a limit
    When she applies for $30,000
    And she accepts $30,000
    And she applies for $30,000 60 days later
    Then the loan is declined
    And the only reason is "Total of accepted loans and the amount requested is too large"
    And $20,000 is recommended

  Scenario: Two offers cannot be accepted together beyond the limit
    When she applies for $30,000
    And she applies for $30,000 10 days later
    Then the loan is referred
    When the senior underwriter Sara approves the loan
    And she accepts the 1st offer
    And she accepts the 2nd offer
    Then this is refused because "accepted loans of $30,000.00 and may borrow $50,000.00 in all"
    And this is refused because "at most $20,000.00 can be accepted"
    When she accepts $20,000 of the 2nd offer
    Then her 2nd application is accepted for $20,000

  Scenario: The second row of a file for one applicant is referred
    Given a file in which Anna applies twice
    When the broker portal uploads the file
    And the batch has been processed
    Then the results are "approved" and "referred"

  Scenario: A file is compared with what was decided before
    Given a file in which Anna applies twice
    When she applies
    And the broker portal uploads the file
    And the batch has been processed
    Then the results are "referred" and "referred"

  Scenario: A trial run is decided in the same way and does not count
    Given a file in which Anna applies twice
    When the broker portal uploads the file as a trial run
    And the batch has been processed
    Then the results are "approved" and "referred"
    When she applies
    Then the loan is approved
