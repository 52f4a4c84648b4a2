Feature: The life of an application
  A decision is not the end of an application. The applicant accepts the offer or withdraws, or the offer expires. Each
  application ends once, and everyone who asks can read how.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months
    And Anna has applied

  Scenario: An applicant accepts the whole offer
    When the officer Olga records that she accepts the offer
    Then her application is accepted for $10,000
    And the audit trail states who accepted it

  Scenario: An applicant accepts less than was offered
    When the officer Olga records that she accepts $8,000
    Then her application is accepted for $8,000

  Scenario: An applicant cannot accept more than was offered
    When the officer Olga records that she accepts $10,001
    Then this is refused because "$10,001.00 is not offered"
    And her application is approved

  Scenario: An applicant cannot accept less than the smallest loan
    When the officer Olga records that she accepts $999
    Then this is refused because "the amount must be from $1,000.00"

  Scenario: An offer lasts for 30 days
    When 29 days pass after the decision
    Then her application is approved
    When 30 days pass after the decision
    Then her application is expired
    When the officer Olga records that she accepts the offer
    Then this is refused because "expired"

  Scenario: A withdrawn application cannot be accepted
    When the officer Oskar withdraws her application because "other_lender"
    Then her application is withdrawn
    When the officer Olga records that she accepts the offer
    Then this is refused because "withdrawn by Oskar (loan officer)"

  Scenario: An accepted application cannot be withdrawn
    When the officer Olga records that she accepts the offer
    And the officer Oskar withdraws her application because "duplicate"
    Then this is refused because "accepted for $10,000.00 by Olga (loan officer)"
    And her application is accepted for $10,000

  Scenario: A declined application has no offer
    Given Boris earns $9,000 per year and requests $15,000 over 60 months
    And Boris has applied
    Then his application is declined
    When the officer Olga records that he accepts the offer
    Then this is refused because "only an approval or a counter-offer can be accepted"

  Scenario: An application that waits for an underwriter is withdrawn with its case
    Given Elena earns $50,000 per year and requests $10,000 over 36 months
    And she has 3 public records
    And Elena has applied
    Then her application is referred
    When the officer Oskar withdraws her application because "no_longer_needed"
    Then her application is withdrawn
    And her referral case is withdrawn

  Scenario: A broker that received no answer repeats its request
    Given the broker Bruno has applied for Anna
    When the broker Bruno records with the key "tuesday" that she accepts $5,000
    And the broker Bruno records with the key "tuesday" that she accepts $5,000
    Then her application is accepted for $5,000
    And it was accepted once

  Scenario: A broker acts on its own applications only
    Given the broker Bruno has applied for Anna
    Then the broker Carla does not find the application
    And the broker Carla cannot accept it
    And the broker Bruno finds the application

  Scenario: Auditors read applications and change nothing
    Then the auditor reads that the application is approved
    And the auditor cannot accept it
