Feature: Batches
  A lender hands in a whole portfolio as one file, and gets for every row the very decision that one application alone
  would get, on record like any other.

  Background:
    Given the lender's first policy is in force

  Scenario: A file is decided row by row
    Given a file of 40 borrowers, one of whom does not say what she earns
    When the broker's portal hands the file in
    And the file has been worked on
    Then the batch is done, with 39 decisions and 1 refused row
    And every result is on record as the portal got it
    And the refused row is told with its line and what is missing

  Scenario: Handing the same file in again under the same key makes no second batch
    Given a file of 40 borrowers, one of whom does not say what she earns
    When the broker's portal hands the file in under the key "monday"
    And the broker's portal hands the file in under the key "monday"
    Then there is 1 batch

  Scenario: A batch that is cancelled decides nothing more
    Given a file of 40 borrowers, one of whom does not say what she earns
    When the broker's portal hands the file in
    And the broker's portal cancels the batch
    And the file has been worked on
    Then the batch is cancelled, with 0 decisions and 0 refused rows

  Scenario: One broker neither sees nor stops the batch of another
    Given a file of 40 borrowers, one of whom does not say what she earns
    When the broker's portal hands the file in
    Then for another broker's portal there is no such batch, to read or to cancel
    When the file has been worked on
    Then the batch is done, with 39 decisions and 1 refused row

  Scenario: A risk manager may stop any batch
    Given a file of 40 borrowers, one of whom does not say what she earns
    When the broker's portal hands the file in
    And a risk manager cancels the batch
    And the file has been worked on
    Then the batch is cancelled, with 0 decisions and 0 refused rows

  Scenario: A loan officer decides on one borrower at a time
    Given a file of 40 borrowers, one of whom does not say what she earns
    When a loan officer hands the file in
    Then that is refused, and there are 0 batches
