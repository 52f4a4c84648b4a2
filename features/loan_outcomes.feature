Feature: What became of loans
  The lender records what became of each accepted loan, so that the model can be compared with what happened and trained
  anew. The same report twice counts once, a wrong report is corrected and stays in the history, and a loan gets a label
  only when enough of its life is known.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months
    And Anna has applied with the reference "LN-1"
    And the offer of $10,000 is accepted

  Scenario: A report says what became of a loan
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was performing on 2024-06-30
    Then her loan is performing
    And it is not known yet whether it defaults
    And the audit trail states that Rita reported it

  Scenario: A loan that performs for twelve months did not default
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was performing on 2025-01-14
    Then it is not known yet whether it defaults
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was performing on 2025-01-15
    Then it did not default

  Scenario: A loan that is closed is known before that
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was paid on 2024-05-31
    Then it did not default

  Scenario: A default counts even if the loan is paid later
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was defaulted on 2024-09-30
    And the risk manager Rita reports that her loan, booked on 2024-01-15, was paid on 2025-03-31
    Then her loan is paid
    And it defaulted

  Scenario: The same report twice counts once
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was paid on 2024-05-31
    And the risk manager Rita reports that her loan, booked on 2024-01-15, was paid on 2024-05-31
    Then the history of her loan has 1 report

  Scenario: A wrong report is corrected and stays in the history
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was charged_off on 2024-09-30
    Then it defaulted
    When the risk manager Rita corrects this to performing because "Reported for the wrong account."
    Then her loan is performing
    And it is not known yet whether it defaults
    And the history of her loan has 2 reports

  Scenario: A correction needs a reason
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was charged_off on 2024-09-30
    And the risk manager Rita corrects this to performing because " "
    Then this is refused because "reason"
    And her loan is charged_off

  Scenario: A report that contradicts the others is refused
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was paid on 2024-05-31
    And the risk manager Rita reports that her loan, booked on 2024-01-15, was performing on 2024-06-30
    Then this is refused because "loan that was paid on 2024-05-31 cannot be performing on 2024-06-30"

  Scenario: Nothing is reported of the future, nor before the loan was booked
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was paid on 2124-05-31
    Then this is refused because "as_of"
    When the risk manager Rita reports that her loan, booked on 2024-01-15, was paid on 2024-01-14
    Then this is refused because "as_of"

  Scenario: A loan that was never accepted has no outcome
    Given Boris earns $9,000 per year and requests $15,000 over 60 months
    And Boris has applied with the reference "LN-2"
    When the risk manager Rita reports that his loan, booked on 2024-01-15, was paid on 2024-05-31
    Then this is refused because "only an accepted application has a loan"

  Scenario: A loan officer reads outcomes and reports none
    When the loan officer Olga reports that her loan, booked on 2024-01-15, was paid on 2024-05-31
    Then this is refused because "not permitted"

  Scenario: A file of the servicing system is imported, and every bad row is named
    Given Boris earns $9,000 per year and requests $15,000 over 60 months
    And Boris has applied with the reference "LN-2"
    And a file says that LN-1, booked on Jan-2024, was Fully Paid on 2024-05-31
    And it says that LN-2, booked on Jan-2024, was Current on 2024-05-31
    And it says that LN-3, booked on Jan-2024, was Current on 2024-05-31
    And it says that LN-1, booked on Jan-2024, was Fuly Paid on 2024-05-31
    When the risk manager Rita imports the file
    Then 1 row is recorded, 0 were recorded before, and 3 are refused
    And row 2 is refused because "not accepted"
    And row 3 is refused because "names no application"
    And row 4 is refused because "did you mean fully paid"

  Scenario: The same file again records nothing
    Given a file says that LN-1, booked on Jan-2024, was Late (31-120 days) on 2024-05-31
    When the risk manager Rita imports the file
    And the risk manager Rita imports the file
    Then 0 rows are recorded, 1 was recorded before, and 0 are refused
    And the history of her loan has 1 report
