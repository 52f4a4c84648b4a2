Feature: Issuing and delivering notices
  The lender keeps the letter that was issued, to the byte, and knows when it was sent and whether it came back.

  Background:
    Given policy version 3 is in force
    And Dora was declined because of her score

  Scenario: A letter is issued once, and stays as it was issued
    When Uma issues the notice to Dora
    Then the notice to Dora is issued
    And the letter that was issued to Dora states the reasons of her decision
    When 3 days go by
    Then the letter that was issued to Dora has the same bytes as before
    And the audit trail states the digest of that letter
    When Udo issues the notice to Dora as Uma had read it
    Then this is refused because "Uma changed it"

  Scenario: A letter that came back is sent again
    When Uma issues the notice to Dora
    And Uma records that the letter to Dora was delivered by mail
    Then the notice to Dora is delivered
    When 4 days go by
    And Uma records that the letter to Dora came back
    Then the notice to Dora is issued
    When Uma records that the letter to Dora was delivered by email
    Then the notice to Dora is delivered

  Scenario: What is no longer true is not sent
    When the application of Dora is corrected and approved
    And Uma issues the notice to Dora as Uma had read it
    Then this is refused because "of this notice is not the current one"
    And the last notice to Dora is cancelled because "superseded"

  Scenario: A letter that was altered is not handed out
    When Uma issues the notice to Dora
    And an intruder alters the letter to Dora
    Then the letter to Dora is refused as altered
