Feature: Missing or doubtful data of the credit bureau
  The score rests on data of the credit bureau. If the bureau has no result, if the applicant's file is frozen or its
  data are disputed, or if the report is old, the score may be wrong. Such an application is never approved: an
  underwriter verifies the data first. The policy says how old a report may be.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months
    And her FICO score is 780 to 784
    And she had 0 credit inquiries in the last six months

  Scenario Outline: Doubtful data is referred to an underwriter, with its own reason
    When she applies with the bureau status "<status>"
    Then the loan is referred
    And the only reason is "<reason>"
    And $0 is recommended
    And the auditor reproduces every decision exactly

    Examples:
      | status   | reason                                                             |
      | missing  | Unable to verify credit history with the credit bureau             |
      | frozen   | Unable to verify credit history: the credit bureau file is frozen  |
      | disputed | Unable to verify credit history: credit bureau data are disputed   |

  Scenario: A report of more than 30 days is too old
    When she applies with a bureau report of 30 days ago
    Then the loan is approved
    When she applies with a bureau report of 31 days ago
    Then the loan is referred
    And the only reason is "Unable to verify credit history: the credit bureau report is too old"
    And $0 is recommended
    When a year passes
    Then the auditor reproduces every decision exactly

  Scenario: A report of tomorrow is an error
    When she applies with a bureau report of 2 days from now
    Then the request is refused

  Scenario: Found and recent data is decided by score and rules alone
    When she applies with the bureau status "found"
    Then the loan is approved
    When she applies with a bureau report of 0 days ago
    Then the loan is approved

  Scenario: Doubtful data does not save an application that is declined anyway
    Given her debt-to-income ratio is 60 %
    When she applies with the bureau status "frozen"
    Then the loan is declined

  Scenario: No change of the application helps where the bureau's data must be verified
    When she applies with the bureau status "missing"
    And she asks what would lead to approval
    Then there are no options

  Scenario: An applicant without a revolving account is not an applicant without data
    When she applies without a revolving account
    Then the loan is approved

  Scenario: An earlier policy does not approve doubtful data either
    Given the lender still decides by policy 1
    When she applies with the bureau status "disputed"
    Then the loan is referred
    And the only reason is "Unable to verify credit history: credit bureau data are disputed"

  Scenario: Another status under the same key is another request
    When she applies with the bureau status "frozen" and the key "monday-17"
    And she applies again with the bureau status "found" and the key "monday-17"
    Then the request is refused
    And 1 decision is recorded

  Scenario: Files state the bureau's data in columns of their own
    Given a file in which Anna applies with the bureau statuses "", "No hit" and "n/a"
    When the broker portal uploads the file
    And the batch has been processed
    Then the results are "approved" and "referred"
    And row 3 is rejected because of its bureau_status
