Feature: Override figures
  Risk managers watch how often people decide differently from the system: who, why and for which loans. A few overrides are the
  purpose of a referral; many of one kind, or of one person, need an explanation.

  Background:
    Given policy version 3 is in force
    And Anna was referred because of her score
    And Boris, whose score passes, was referred because his credit bureau file is frozen

  Scenario: Decisions of people are counted by type and by officer
    Given Uma has claimed the case of Anna
    And Uma declines the loan of Anna
    And Udo has claimed the case of Boris
    And Udo approves the loan of Boris
    Then today's overrides are 1 agreed, 0 low-side, 0 high-side and 1 policy exception
    And 0 of 1 decision of Uma and 1 of 1 decision of Udo are overrides

  Scenario: Figures can be restricted to one officer
    Given Uma has claimed the case of Anna
    And Uma declines the loan of Anna
    And Udo has claimed the case of Boris
    And Udo declines the loan of Boris
    Then today's overrides of Udo are 0 agreed, 0 low-side, 1 high-side and 0 policy exceptions

  Scenario: Refused second approvals and disagreeing reviewers are counted
    Given the policy has every case reviewed, and refers Carla
    And Uma has proposed to approve the loan of Carla
    And Sara has refused the proposal for Carla
    And Uma has claimed the case of Carla
    When Uma declines the loan of Carla
    And Udo reviews the quality of the case of Carla and would approve
    Then 1 second approval was refused today
    And 1 of 1 quality review disagreed

  Scenario: Only those who watch overrides read the figures
    Then a risk manager, a senior underwriter, an auditor and compliance may read the overrides
    But a loan officer, an underwriter, an administrator and a service may not
