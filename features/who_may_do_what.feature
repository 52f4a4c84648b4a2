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
