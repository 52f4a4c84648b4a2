Feature: Log-in
  Failed log-in attempts are limited, so that passwords cannot be guessed. The limits do not allow an attacker to lock
  a user out of the network where the user usually works.

  Background:
    Given Olga is a loan officer with the password "correct horse battery"

  Scenario: After ten failed attempts even the correct password is refused
    When she enters a wrong password 10 times
    And she logs in with the correct password
    Then the log-in is refused

  Scenario: The user can try again after 90 seconds
    When she enters a wrong password 10 times
    And 2 minutes pass
    And she logs in with the correct password
    Then she is logged in

  Scenario: A successful log-in resets the failed attempts
    When she enters a wrong password 9 times
    And she logs in with the correct password
    And she enters a wrong password another 9 times
    And she logs in with the correct password
    Then she is logged in

  Scenario: A password cannot be guessed from many addresses
    When attackers at 50 addresses guess her password
    And she logs in with the correct password from a new address
    Then the log-in is refused

  Scenario: Attackers cannot lock a user out of her office
    Given she has logged in at the office before
    When attackers at 50 addresses guess her password
    And she logs in with the correct password at the office
    Then she is logged in

  Scenario: The passwords of many users cannot be guessed from one address
    When an attacker at one address guesses the passwords of 50 users
    And she logs in with the correct password from that address
    Then the log-in is refused
    When she logs in with the correct password at the office
    Then she is logged in

  Scenario: Removing a user ends her access immediately
    Given she has logged in at the office before
    When her account is removed
    Then she must log in again

  Scenario: Changing a user's role ends her previous access
    Given she has logged in at the office before
    When her role is changed to auditor
    Then she must log in again

  Scenario: Changing a password ends access under the old password
    Given she has logged in at the office before
    When she changes her password from "correct horse battery" to "eleven kites over a harbour"
    Then the new password is accepted
    And she must log in again

  Scenario: An initial password is valid only for choosing a new one
    Given Nina is a new loan officer with the initial password "printed on a sheet"
    When she logs in with the password "printed on a sheet"
    Then the log-in is refused
    When she changes her password from "printed on a sheet" to "a meadow of seven lamps"
    And she logs in with the password "a meadow of seven lamps"
    Then she is logged in

  Scenario Outline: A password that is easy to guess is rejected
    When she changes her password from "correct horse battery" to "<password>"
    Then the new password is rejected
    And she can still log in with the old password

    Examples:
      | password          |
      | Password1234      |
      | 123456789012      |
      | too short         |
      | Olga in a meadow  |
