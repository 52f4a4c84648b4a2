Feature: Permissions
  Each role can make and read only the decisions that its work requires.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months

  Scenario Outline: Assessing loan applications
    When the <role> submits her application
    Then the request is <result>

    Examples:
      | role         | result  |
      | loan officer | allowed |
      | service      | allowed |
      | risk manager | refused |
      | auditor      | refused |
      | admin        | refused |

  Scenario: A broker can read only its own decisions
    When the broker Aurora applies for her with the key "monday"
    Then the broker Aurora can read the decision, and finds 1 decision
    And the broker Borealis cannot find the decision, and finds 0 decisions

  Scenario Outline: The lender's staff can read all decisions, except the admin
    When the broker Aurora applies for her with the key "monday"
    Then reading the decision is <result> for the <role>

    Examples:
      | role         | result  |
      | loan officer | allowed |
      | risk manager | allowed |
      | auditor      | allowed |
      | admin        | refused |

  Scenario Outline: The lender's staff can see explanations, except the admin
    When the broker Aurora applies for her with the key "monday"
    Then explaining the decision is <result> for the <role>

    Examples:
      | role         | result  |
      | loan officer | allowed |
      | risk manager | allowed |
      | auditor      | allowed |
      | admin        | refused |

  Scenario: A broker cannot see explanations, not even of its own decisions
    When the broker Aurora applies for her with the key "monday"
    Then explaining the decision is refused for the broker Aurora

  Scenario Outline: Verifying the audit trail
    When the broker Aurora applies for her with the key "monday"
    Then verifying the audit trail is <result> for the <role>

    Examples:
      | role         | result  |
      | auditor      | allowed |
      | loan officer | refused |
      | risk manager | refused |
      | service      | refused |
      | admin        | refused |

  Scenario: A wrong password is refused
    Given Olga is a loan officer with the password "correct horse battery"
    When she logs in with the password "correct horse battery"
    Then she is logged in
    When she logs in with the password "wrong horse battery"
    Then the log-in is refused

  Scenario: A reset password replaces the old one
    Given Olga is a loan officer with the password "correct horse battery"
    When her password is reset to "another horse entirely"
    And she logs in with the password "correct horse battery"
    Then the log-in is refused
    When she logs in with the password "another horse entirely"
    Then she is logged in

  Scenario: A removed user cannot log in
    Given Olga is a loan officer with the password "correct horse battery"
    When her account is removed
    And she logs in with the password "correct horse battery"
    Then the log-in is refused

  Scenario: The last admin cannot be removed
    Given Olga is a loan officer with the password "correct horse battery"
    And Ada is an admin with the password "wrong horse battery"
    Then her account cannot be removed or changed to loan officer
    Given Ines is an admin with the password "right horse battery"
    When her account is removed
    And she logs in with the password "right horse battery"
    Then the log-in is refused
