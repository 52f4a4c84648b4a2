Feature: Unusual values
  Some values are possible, but usually a slip of the keyboard or a wrong unit. The product says which.
  The form asks about them before it submits an application. Systems that send applications are not asked.

  Scenario: The form asks about an income that is too low to live on
    Given Anna earns $62 per year and requests $10,000 over 36 months
    Then the form asks about her "Annual income" and "Requested amount"

  Scenario: The form asks about an income that looks like that of a month
    Given Anna earns $4,200 per year and requests $4,000 over 36 months
    Then the form asks about her "Annual income"

  Scenario: Usual values raise no question
    Given Anna earns $52,000 per year and requests $10,000 over 36 months
    Then the form asks about nothing

  Scenario: An unusual value that is sent is decided as it is
    Given Anna earns $62 per year and requests $10,000 over 36 months
    When she applies
    Then the loan is declined
