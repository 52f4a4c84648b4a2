Feature: Applicants see their application and ask for reconsideration
  By a link, an applicant reads the state of the own application and the reasons, without a login. The applicant can correct
  what the lender has wrong, or ask for a person. Either way people look at the case, and the decision is upheld or overturned.

  Background:
    Given policy version 3 is in force
    And Dora, whose loan is above half a year's income, was declined
    And the loan officer Olga has given Dora a link

  Scenario: A declined applicant reads the reasons of the decision
    Then Dora reads "We could not approve your application"
    And Dora reads "Income is insufficient for the amount of credit requested."
    And Dora does not read the name of anyone who works for the lender

  Scenario: A correction that an underwriter confirms changes the decision
    When Dora states that her income is "$200,000"
    Then Dora reads "A person is reviewing your application"
    And the case shows Uma that Dora asks for a correction
    When Uma claims the case and accepts the correction
    Then the request of Dora is overturned by Uma
    And Dora reads "We changed our decision. We decided again with the information that you corrected."
    And Dora reads "Your application is approved"

  Scenario: A correction that is not confirmed leaves the decision as it was
    When Dora states that her income is "$200,000"
    And Uma claims the case and declines the loan
    Then the request of Dora is upheld by Uma
    And Dora reads "Our decision stays as it was. A person reviewed your application together with what you wrote."

  Scenario: A person reviews the decision on request
    When Dora asks for a person and writes "My debts are paid."
    And Uma claims the case and approves the loan
    Then the request of Dora is open
    When Sara claims the case and agrees
    Then the request of Dora is overturned by Sara
    And Dora reads "Your application is approved"

  Scenario: The applicant disputes the credit report in words
    When Dora asks for a correction and writes "The public record is not mine."
    And Uma claims the case and accepts the correction
    Then this is refused because "request states no value that could be accepted"
    And the request of Dora is open

  Scenario: Nobody accepts a correction without holding the case
    When Dora states that her income is "$200,000"
    And Uma accepts the correction
    Then this is refused because "do not hold this case"

  Scenario: What a person declined changes by resolving the case only
    Given Dora has asked for a person, and Uma has declined the loan
    When Dora states that her income is "$200,000"
    And Uma claims the case and accepts the correction
    Then this is refused because "Uma declined this application"

  Scenario: One request at a time
    When Dora asks for a person and writes "Please look again."
    And Dora states that her income is "$200,000"
    Then Dora is refused because "request-open"

  Scenario: The same form sent twice is one request
    When Dora sends the same request twice
    Then Dora has asked once

  Scenario: A value that cannot be right is refused
    When Dora states that her income is "a lot"
    Then Dora is refused because "is not a number"

  Scenario: The score of the credit bureau cannot be typed over
    When Dora states that her credit score is "800"
    Then Dora is refused because "cannot be corrected here"

  Scenario: A revoked link opens nothing
    When the loan officer Olga revokes the links of Dora
    Then Dora reads "This link is not valid"
    And Dora does not read "We could not approve your application"

  Scenario: A link expires
    When 60 days pass for Dora
    Then Dora reads "This link is not valid"

  Scenario: A changed link opens nothing
    Then with one character of the link changed, Dora reads "This link is not valid"
