Feature: Idempotent requests
  Connections fail. A broker that received no response can resend the request with the same idempotency key: the
  applicant is assessed only once, and the broker receives the original decision.

  Background:
    Given policy version 3 is in force
    And Anna earns $120,000 per year and requests $10,000 over 36 months

  Scenario: A resent request returns the original decision
    When she applies with the key "monday-17"
    And she applies again with the key "monday-17"
    Then both responses contain the same decision
    And the second response is marked as a replay
    And 1 decision is recorded

  Scenario: A key cannot be reused for a different loan
    When she applies with the key "monday-17"
    And she requests $20,000 instead, with the key "monday-17"
    Then the request is refused
    And 1 decision is recorded

  Scenario: Two brokers can use the same key
    When the broker Bruno applies for her with the key "monday-17"
    And the broker Carla applies for her with the key "monday-17"
    Then 2 decisions are recorded
