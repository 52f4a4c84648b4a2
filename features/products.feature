Feature: Products
  A lender defines what it lends as a product: the fields of an application, and the words of its reasons.
  Every decision keeps the product it was made on.

  Scenario: An application has the fields of the product
    Given the lender offers boat loans
    When Nora requests $9,000 over 24 months for a boat
    Then the loan is approved

  Scenario: The reasons are those of the product
    Given the lender offers boat loans
    When Nora requests $30,000 over 24 months for a boat
    Then the loan is declined
    And the only reason is "Payments are too large for the income"

  Scenario: Decisions stay readable when the lender offers another product
    Given Anna earns $120,000 per year and requests $10,000 over 36 months
    When she applies
    And the lender offers boat loans
    And Nora requests $9,000 over 24 months for a boat
    Then Anna's decision is still shown as a personal loan with an income of $120,000 per year
    And Nora's decision is shown as a boat loan with an income of $3,200 per month
