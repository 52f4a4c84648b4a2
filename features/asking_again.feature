Feature: Asking again
  Connections break. A broker who got no answer must be able to ask again without the borrower being decided on, and
  counted, twice: a request that carries the same key gets the first answer again.

  Background:
    Given the lender's first policy is in force
    And Anna earns $120,000 a year and asks for $10,000 over 36 months

  Scenario: A request that is sent again gets the first answer, and is decided only once
    When she applies under the key "monday-17"
    And she applies again under the key "monday-17"
    Then both answers are the same decision
    And the second answer says that it was given before
    And there is one decision on record

  Scenario: A key cannot be used for another loan
    When she applies under the key "monday-17"
    And she asks for $20,000 instead, under the key "monday-17"
    Then that is refused
    And there is one decision on record

  Scenario: Two brokers who happen to choose the same key do not meet
    When the broker Bruno applies for her under the key "monday-17"
    And the broker Carla applies for her under the key "monday-17"
    Then there are two decisions on record
