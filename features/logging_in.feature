Feature: Logging in
  Whoever may guess for ever finds every password. After ten mistakes the lender's people have to wait a little, and
  guessing ends; but no stranger can keep somebody from their work.

  Background:
    Given Olga is a loan officer with the password "correct horse battery"

  Scenario: After ten mistakes even the right password is not looked at
    When she mistypes her password 10 times
    And she tries the right password
    Then she is turned away

  Scenario: It takes a minute and a half until one may try again
    When she mistypes her password 10 times
    And 2 minutes pass
    And she tries the right password
    Then she is let in

  Scenario: Mistakes are forgotten once the password has come back to mind
    When she mistypes her password 9 times
    And she logs in with the right password
    And she mistypes her password another 9 times
    And she tries the right password
    Then she is let in

  Scenario: Nobody can guess at one password from ever new places
    When strangers in 50 places guess her password
    And she tries the right password where she has never been
    Then she is turned away

  Scenario: Strangers cannot lock somebody out of the office she works in
    Given she has logged in at the office before
    When strangers in 50 places guess her password
    And she tries the right password at the office
    Then she is let in

  Scenario: Nobody can guess at everybody's password from one place
    When somebody in one place guesses at the passwords of 50 people
    And she tries the right password in that place
    Then she is turned away
    When she tries the right password at the office
    Then she is let in

  Scenario: Whoever leaves the lender is out at once, not when the working day ends
    Given she has logged in at the office before
    When she leaves the lender
    Then she must log in again

  Scenario: With other work come other rights, and the old ones end
    Given she has logged in at the office before
    When she is made an auditor
    Then she must log in again

  Scenario: A new password ends what the old one had opened
    Given she has logged in at the office before
    When she chooses "eleven kites over a harbour" in place of "correct horse battery"
    Then her choice is accepted
    And she must log in again

  Scenario: A password that was printed for somebody is good only for choosing one of their own
    Given Nina is a new loan officer whose first password is "printed on a sheet"
    When she logs in with the password "printed on a sheet"
    Then she is turned away
    When she chooses "a meadow of seven lamps" in place of "printed on a sheet"
    And she logs in with the password "a meadow of seven lamps"
    Then she is let in

  Scenario Outline: A password that others try first is not accepted
    When she chooses "<password>" in place of "correct horse battery"
    Then her choice is refused
    And she is let in with the right password

    Examples:
      | password          |
      | Password1234      |
      | 123456789012      |
      | too short         |
      | Olga in a meadow  |
