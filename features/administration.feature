Feature: Administration
  Administrators manage users in the web interface and through the API. They cannot change their
  own role, and everything they do is on the audit trail.

  Background:
    Given Ada is an admin with the password "wrong horse battery"
    And Olga is a loan officer with the password "correct horse battery"

  Scenario: A new user chooses a password at the first log-in
    When Ada adds the auditor Arthur
    And Arthur logs in with the generated password
    Then the log-in is refused
    When Arthur changes the generated password to "a horse of my own"
    Then the new password is accepted
    And the audit trail says that Ada added Arthur

  Scenario: A name is given once
    When Ada adds the auditor Olga
    Then the change is refused

  Scenario: A reset password ends access with the old one
    When she logs in with the correct password
    And Ada resets the password of Olga
    Then she must log in again
    When she logs in with the correct password
    Then the log-in is refused
    And the audit trail says that Ada reset the password of Olga

  Scenario: A user who mistyped the password can be unlocked
    When she enters a wrong password 10 times
    And she logs in with the correct password
    Then the log-in is refused
    When Ada unlocks Olga
    And she logs in with the correct password
    Then she is logged in
    And the audit trail says that Ada unlocked Olga

  Scenario: A stolen access token is revoked
    When she logs in with the correct password
    And Ada ends all sessions of Olga
    Then she must log in again
    When she logs in with the correct password
    Then she is logged in

  Scenario: A new role applies at once
    When she logs in with the correct password
    And Ada makes Olga a risk manager
    Then she must log in again
    And the audit trail says that Ada changed the role of Olga

  Scenario: A removed user has no access
    When she logs in with the correct password
    And Ada removes Olga
    Then she must log in again

  Scenario: Administrators do not change their own account
    Given Ines is an admin with the password "right horse battery"
    When Ada makes Ada a risk manager
    Then the change is refused
    When Ada removes Ada
    Then the change is refused
    When Ada resets the password of Ada
    Then the change is refused

  Scenario Outline: Other roles cannot administer users
    When the <role> Rui makes Olga an admin
    Then the change is refused
    When the <role> Rui resets the password of Ada
    Then the change is refused

    Examples:
      | role         |
      | loan officer |
      | risk manager |
      | auditor      |
      | service      |
