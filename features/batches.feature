Feature: Batches
  A lender uploads a portfolio of loan applications as one file. Each row gets the same decision as a single
  application would, and each decision is recorded.

  Background:
    Given policy version 3 is in force

  Scenario: Every row of a file is decided
    Given a file of 40 applicants, one of them without an income
    When the broker portal uploads the file
    And the batch has been processed
    Then the batch is done, with 39 decisions and 1 rejected row
    And every result matches its decision record
    And the rejected row is listed with its line and the missing field

  Scenario: Uploading the same file again with the same key creates no second batch
    Given a file of 40 applicants, one of them without an income
    When the broker portal uploads the file with the key "monday"
    And the broker portal uploads the file with the key "monday"
    Then there is 1 batch

  Scenario: A cancelled batch makes no further decisions
    Given a file of 40 applicants, one of them without an income
    When the broker portal uploads the file
    And the broker portal cancels the batch
    And the batch has been processed
    Then the batch is cancelled, with 0 decisions and 0 rejected rows

  Scenario: A broker can neither read nor cancel another broker's batch
    Given a file of 40 applicants, one of them without an income
    When the broker portal uploads the file
    Then another broker portal can neither read nor cancel the batch
    When the batch has been processed
    Then the batch is done, with 39 decisions and 1 rejected row

  Scenario: A risk manager can cancel any batch
    Given a file of 40 applicants, one of them without an income
    When the broker portal uploads the file
    And a risk manager cancels the batch
    And the batch has been processed
    Then the batch is cancelled, with 0 decisions and 0 rejected rows

  Scenario: A loan officer cannot upload batches
    Given a file of 40 applicants, one of them without an income
    When a loan officer uploads the file
    Then the upload is refused, and there are 0 batches

  Scenario: A file that writes percentages as fractions is decided only after the sender says so
    Given a file of 6 applicants whose debt ratios are written as fractions
    When the broker portal uploads the file
    And the batch has been processed
    Then the batch is failed, with 0 decisions and 0 rejected rows
    And the batch says that the debt ratios look like fractions
    When the broker portal uploads the file and states that percentages are fractions
    And the batch has been processed
    Then the batch is done, with 6 decisions and 0 rejected rows
    And every applicant has the decision of the same file in percent

  Scenario: Two files put together are read by the header of each
    Given two files of 3 applicants put together, with the columns of the second in another order
    When the broker portal uploads the file
    And the batch has been processed
    Then the batch is done, with 6 decisions and 0 rejected rows
    And the applicants of the second file have the decisions of those of the first

  Scenario: A file of which every row is rejected fails and says why
    Given a file of 3 applicants, all without an income
    When the broker portal uploads the file
    And the batch has been processed
    Then the batch is failed, with 0 decisions and 3 rejected rows
    And the batch says that every row was rejected because of the income
