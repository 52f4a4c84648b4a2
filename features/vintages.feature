Feature: Expected and observed default
  A risk manager compares what the model expected of loans with what became of them, by the month in which they were
  booked. Young loans look better than they are, so a month counts only when all its loans had a year to default.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months

  Scenario: A month whose loans had a year is mature
    Given 3 loans that were booked 14 months ago and were prepaid after 200 days
    And 1 loan that was booked 14 months ago and was charged off after 300 days
    When the risk manager Rita compares expected with observed default
    Then the month 14 months ago is mature, and 1 of its 4 loans defaulted
    And the 95 % interval of its default is 4.6 % to 69.9 %
    And its expected default is the mean probability of default of the decisions

  Scenario: In a younger month more loans can still default
    Given 2 loans that were booked 3 months ago and were prepaid after 30 days
    And 2 loans that were booked 3 months ago
    When the risk manager Rita compares expected with observed default
    Then the month 3 months ago is immature, and 2 of its 4 loans are not known yet
    And 0 of its 4 loans have defaulted so far

  Scenario: A corrected outcome counts as corrected
    Given 1 loan that was booked 14 months ago and was charged off after 300 days
    When the risk manager Rita corrects the last outcome to prepaid
    And the risk manager Rita compares expected with observed default
    Then the month 14 months ago is mature, and 0 of its 1 loan defaulted

  Scenario: Loans are compared by source
    Given the source of the applications is "broker"
    And 2 loans that were booked 14 months ago and were prepaid after 200 days
    And the source of the applications is "branch"
    And 1 loan that was booked 14 months ago and was charged off after 200 days
    When the risk manager Rita compares expected with observed default of the source "broker"
    Then the month 14 months ago is mature, and 0 of its 2 loans defaulted
    When the risk manager Rita compares expected with observed default of the source "branch"
    Then the month 14 months ago is mature, and 1 of its 1 loan defaulted

  Scenario: An officer does not see the performance of loans
    Given 1 loan that was booked 14 months ago
    Then the loan officer Olga cannot compare expected with observed default
