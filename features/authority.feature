Feature: Authority and the second person
  The policy says up to which amount each role may decide alone. Above it, for every approval against the score, and to lend
  what was declined, a second person decides, who never is the first.

  Background:
    Given policy version 3 is in force
    And Anna was referred because of her score
    And Boris, whose score passes, was referred because his credit bureau file is frozen

  Scenario: An approval against the score waits for a second person
    Given Uma has claimed the case of Anna
    Then Uma learns beforehand that approving Anna needs a second person because of the score
    When Uma approves the loan of Anna
    Then the case of Anna waits for a second person
    When Sara claims the case of Anna
    And Sara agrees with the proposal for Anna
    Then the case of Anna is resolved
    And Uma with Sara approved Anna, which is a low-side override

  Scenario: The second person refuses, and the case is open again
    Given Uma has proposed to approve the loan of Anna
    When Sara claims the case of Anna
    And Sara refuses the proposal for Anna because "The income is not proven."
    Then the case of Anna is open

  Scenario: The first person is never the second
    Given Sara has proposed to approve the loan of Anna
    When Sara claims the case of Anna
    Then this is refused because "second person must decide on this proposal"
    When Sara agrees with the proposal for Anna
    Then this is refused because "Sara made this proposal, and a second person must decide on it"
    When Sofia claims the case of Anna
    And Sofia agrees with the proposal for Anna
    Then Sara with Sofia approved Anna, which is a low-side override

  Scenario: Who proposed before is not the second person of a later proposal on the case
    Given Sara has proposed to approve the loan of Anna
    And Sofia has refused the proposal for Anna
    And Uma has proposed to approve the loan of Anna
    When Sara agrees with the proposal for Anna
    Then this is refused because "Sara made an earlier proposal on this case"

  Scenario: An underwriter gives no second approval
    Given Sara has proposed to approve the loan of Anna
    When Uma agrees with the proposal for Anna
    Then this is refused because "may not give second approvals"

  Scenario: Above the limit of the policy a second person decides
    Given underwriters may decide up to $5,000 and senior underwriters up to $20,000, and Carla is referred although her score passes
    And Uma has claimed the case of Carla
    When Uma approves the loan of Carla
    Then the case of Carla waits for a second person

  Scenario: A senior underwriter decides alone what is above an underwriter's limit
    Given underwriters may decide up to $5,000 and senior underwriters up to $20,000, and Carla is referred although her score passes
    And Sara has claimed the case of Carla
    When Sara approves the loan of Carla
    Then Sara alone approved Carla, which is a policy exception

  Scenario: An amount above every limit cannot be approved
    Given underwriters may decide up to $5,000 and senior underwriters up to $8,000, and Carla is referred although her score passes
    And Uma has claimed the case of Carla
    When Uma approves the loan of Carla
    Then this is refused because "is above the authority of every role that gives second approvals"
    When Uma declines the loan of Carla
    Then Uma alone declined Carla, which is a high-side override

  Scenario: A decline becomes an approval only by a review and a second person
    Given Dora was declined because of her score
    When Uma opens a review of Dora because "New pay slips."
    And Uma claims the case of Dora
    And Uma approves the loan of Dora
    Then the case of Dora waits for a second person
    When Sara claims the case of Dora
    And Sara agrees with the proposal for Dora
    Then Uma with Sara approved Dora, which is a low-side override

  Scenario: One review at a time
    Given Dora was declined because of her score
    When Uma opens a review of Dora because "New pay slips."
    And Udo opens a review of Dora because "She asked again."
    Then this is refused because "on this decision is open"

  Scenario Outline: Other roles resolve nothing
    Given Uma has claimed the case of Anna
    When the <role> declines the loan of Anna
    Then this is refused because "may not work referral cases"

    Examples:
      | role         |
      | loan officer |
      | risk manager |
      | compliance   |
      | auditor      |
      | service      |
      | admin        |
