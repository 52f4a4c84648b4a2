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
