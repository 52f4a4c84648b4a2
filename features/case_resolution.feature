Feature: Resolving referral cases
  An underwriter resolves a case by approving the loan as requested, by declining it, or by a counter-offer that the policy
  approves. The system's decision stays as it was: what the person decided is a second record, which says how it differs.

  Background:
    Given policy version 3 is in force
    And Anna was referred because of her score
    And Boris, whose score passes, was referred because his credit bureau file is frozen

  Scenario: An approval against a rule is a policy exception
    Given Uma has claimed the case of Boris
    When Uma approves the loan of Boris
    Then the case of Boris is resolved
    And Uma alone approved Boris, which is a policy exception
    And the audit trail states 1 final decision

  Scenario: A decline of a score that does not pass agrees with the system
    Given Uma has claimed the case of Anna
    When Uma declines the loan of Anna
    Then Uma alone declined Anna, which is in agreement with the system

  Scenario: A decline of a score that passes is a high-side override
    Given Uma has claimed the case of Boris
    When Uma declines the loan of Boris
    Then Uma alone declined Boris, which is a high-side override

  Scenario: A counter-offer is a loan that the policy approves
    Given Uma has claimed the case of Anna
    When Uma offers Anna the largest loan that the policy approves
    Then Uma alone made Anna a counter-offer, which is in agreement with the system
    And the policy would approve the loan that Anna is offered

  Scenario: A larger counter-offer is refused with the largest possible one
    Given Uma has claimed the case of Anna
    When Uma offers Anna $9,999 over 36 months
    Then this is refused because "does not approve $9,999.00 over 36 months: the most at this term is"

  Scenario: No counter-offer is possible where no amount passes a rule
    Given Uma has claimed the case of Boris
    When Uma offers Boris $1,000 over 36 months
    Then this is refused because "it approves no amount at this term"

  Scenario: A resolution states a reason that the policy allows
    Given Uma has claimed the case of Anna
    When Uma declines the loan of Anna because "INCOME_VERIFIED"
    Then this is refused because "'INCOME_VERIFIED' is not a reason of policy 3 for the outcome declined"

  Scenario: A case is resolved once, and the others learn by whom
    Given Uma has claimed the case of Anna
    When Uma declines the loan of Anna
    And Udo declines the loan of Anna
    Then this is refused because "Uma changed it last"
    And Uma alone declined Anna, which is in agreement with the system

  Scenario: A person cannot resolve a case that another one holds
    Given Uma has claimed the case of Anna
    When Udo declines the loan of Anna
    Then this is refused because "Uma has held this case since"

  Scenario: Conditions of an approval are met, or waived for a reason
    Given Uma has claimed the case of Boris
    When Uma approves the loan of Boris if he sends "a letter of the bureau" and "a pay slip"
    And Udo records that condition 1 of Boris is met
    And Udo waives condition 2 of Boris without a reason
    Then this is refused because "reason is required to waive condition 2"
    When Udo waives condition 2 of Boris because "Known at the branch."
    Then the conditions of Boris are met and waived

  Scenario: Under a blind policy the underwriter's own view comes first
    Given the policy asks underwriters for their own view, and refers Carla
    And Uma has claimed the case of Carla
    Then Uma does not see the score of Carla
    And the decision on Carla is withheld from Uma
    And the queue does not tell Uma the grade of Carla
    When Uma declines the loan of Carla
    Then this is refused because "asks for your own view of this case before you see the score"
    When Uma enters the own view that Carla should be approved
    Then Uma sees the score of Carla
    And the decision on Carla is not withheld from Uma
    But Udo does not see the score of Carla
    And the decision on Carla is withheld from Udo

  Scenario: A second reviewer examines a share of the resolved cases without seeing the decision
    Given the policy has every case reviewed, and refers Carla
    And Uma has claimed the case of Carla
    When Uma declines the loan of Carla
    Then Udo does not see the score of Carla
    When Uma reviews the quality of the case of Carla and would approve
    Then this is refused because "Uma decided on this case, and someone else must review it"
    When Udo reviews the quality of the case of Carla and would approve
    Then the disagreement of Udo with Uma on Carla is listed
