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
      | risk manager | allowed |
      | service      | allowed |
      | auditor      | refused |

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
