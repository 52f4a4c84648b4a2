Feature: Who may do what
  Decisions about people are made and seen only by those whose work it is.

  Background:
    Given the lender's first policy is in force
    And Anna earns $120,000 a year and asks for $10,000 over 36 months

  Scenario Outline: Assessing loan applications
    When the <role> enters her application
    Then that is <allowed>

    Examples:
      | role         | allowed |
      | loan officer | allowed |
      | service      | allowed |
      | risk manager | refused |
      | auditor      | refused |
      | admin        | refused |

  Scenario: A broker sees the decisions it asked for, and not those of another broker
    When the broker Aurora applies for her under the key "monday"
    Then the broker Aurora can look the decision up, and finds 1 decision in all
    And for the broker Borealis there is no such decision, and 0 decisions in all

  Scenario Outline: People at the lender read everybody's decisions; the admin reads none
    When the broker Aurora applies for her under the key "monday"
    Then looking the decision up is <allowed> for the <role>

    Examples:
      | role         | allowed |
      | loan officer | allowed |
      | risk manager | allowed |
      | auditor      | allowed |
      | admin        | refused |

  Scenario Outline: What drove a decision, and what would change it, is for people at the lender
    When the broker Aurora applies for her under the key "monday"
    Then explaining the decision is <allowed> for the <role>

    Examples:
      | role         | allowed |
      | loan officer | allowed |
      | risk manager | allowed |
      | auditor      | allowed |
      | admin        | refused |

  Scenario: A broker is not told what drove a decision, its own included
    When the broker Aurora applies for her under the key "monday"
    Then explaining the decision is refused for the broker Aurora

  Scenario Outline: Verifying the audit trail
    When the broker Aurora applies for her under the key "monday"
    Then verifying the audit trail is <allowed> for the <role>

    Examples:
      | role         | allowed |
      | auditor      | allowed |
      | loan officer | refused |
      | risk manager | refused |
      | service      | refused |
      | admin        | refused |

  Scenario: Nobody gets in with a wrong password
    Given Olga is a loan officer with the password "correct horse battery"
    When she logs in with the password "correct horse battery"
    Then she is let in
    When she logs in with the password "wrong horse battery"
    Then she is turned away

  Scenario: Whoever has lost a password is given a new one, and the old one is worth nothing
    Given Olga is a loan officer with the password "correct horse battery"
    When she is given the new password "another horse entirely"
    And she logs in with the password "correct horse battery"
    Then she is turned away
    When she logs in with the password "another horse entirely"
    Then she is let in

  Scenario: Whoever has left is let in no longer
    Given Olga is a loan officer with the password "correct horse battery"
    When she leaves the lender
    And she logs in with the password "correct horse battery"
    Then she is turned away

  Scenario: There is always an admin
    Given Olga is a loan officer with the password "correct horse battery"
    And Ada is an admin with the password "wrong horse battery"
    Then she can be neither removed nor made a loan officer
    Given Ines is an admin with the password "right horse battery"
    When she leaves the lender
    And she logs in with the password "right horse battery"
    Then she is turned away
