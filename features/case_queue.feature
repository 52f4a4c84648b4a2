Feature: The case queue
  An application that the policy refers becomes a case, which underwriters work. Each case has one person at a time, the
  most urgent one comes first, and nothing that anyone wrote about it is lost.

  Background:
    Given policy version 3 is in force
    And Anna was referred at nine o'clock, and Boris an hour later

  Scenario: The most urgent case is next
    When Uma takes the next case
    Then Uma has the case of Anna
    When Udo takes the next case
    Then Udo has the case of Boris
    When Uma takes the next case
    Then no case waits

  Scenario: A case belongs to one person at a time
    Given Uma has claimed the case of Anna
    When Udo claims the case of Anna
    Then this is refused because "Uma has held this case since"
    When Udo notes "I called her." on the case of Anna
    Then this is refused because "Uma has held this case since"

  Scenario: A claim that is not renewed ends after 15 minutes
    Given Uma has claimed the case of Anna
    When 15 minutes go by
    Then the case of Anna is open
    When Udo takes the next case
    Then Udo has the case of Anna
    When Uma notes "I called her." on the case of Anna
    Then this is refused because "Udo has held this case since"

  Scenario: Working on a case keeps it
    Given Uma has claimed the case of Anna
    When 10 minutes go by
    And Uma notes "I called her." on the case of Anna
    And 10 minutes go by
    And Udo claims the case of Anna
    Then this is refused because "Uma has held this case since"
    When Uma keeps the case of Anna open on the screen
    And 10 minutes go by
    Then the case of Anna is assigned

  Scenario: A case that is given back keeps its notes
    Given Uma has claimed the case of Anna
    When Uma notes "Employer confirmed the income." on the case of Anna
    And Uma releases the case of Anna
    Then the case of Anna is open
    And Udo reads the note "Employer confirmed the income." of Uma on the case of Anna

  Scenario: A person does not overwrite what another one did
    Given Udo has read the case of Anna
    And Uma has claimed the case of Anna
    When Udo claims the case of Anna as he has read it
    Then this is refused because "Uma changed it at"

  Scenario: The clock stops while the applicant is awaited
    Given Uma has claimed the case of Anna
    When Uma asks for "the pay slips of two months" in the case of Anna
    Then the case of Anna is awaiting the applicant
    When 72 hours go by
    And due times are checked
    Then the due time of Anna has not passed
    When Udo claims the case of Anna
    And Udo records the answer "two pay slips" in the case of Anna
    Then the case of Anna is assigned
    And the case of Anna is due 120 hours after the decision

  Scenario: A case whose applicant does not answer expires
    Given Uma has claimed the case of Anna
    When Uma asks for "the pay slips of two months" in the case of Anna
    And 14 days go by
    And due times are checked
    Then the case of Anna is expired
    When Udo claims the case of Anna
    Then this is refused because "it is expired"

  Scenario: A passed due time is recorded once
    When 46 hours go by
    And due times are checked
    And due times are checked
    Then the due time of Anna has passed
    And the audit trail states 1 passed due time

  Scenario: A due time that passes does not interrupt anyone
    When 46 hours go by
    And Udo claims the case of Anna
    And Udo reads the case of Anna
    And due times are checked
    And Udo notes "I called her." on the case of Anna as he has read it
    Then the due time of Anna has passed
    And Uma reads the note "I called her." of Udo on the case of Anna

  Scenario: A senior underwriter gives a case to someone else
    Given Uma has claimed the case of Anna
    When the senior underwriter Sara gives the case of Anna to Udo
    Then the case of Anna is assigned to Udo
    When 7 hours go by
    And Udo notes "I looked at it." on the case of Anna
    And 30 minutes go by
    And Uma notes "I called her." on the case of Anna
    Then this is refused because "Udo has held this case since"
    When Uma gives the case of Anna to Uma
    Then this is refused because "may not reassign referral cases"

  Scenario: A case is given only to someone who may work it
    When the senior underwriter Sara gives the case of Anna to Olga
    Then this is refused because "cannot be given to Olga (loan officer), who may not work referral cases"

  Scenario: Loan officers see the queue and do not work it
    Then Olga sees the cases of Anna and Boris in this order
    When Olga claims the case of Anna
    Then this is refused because "may not work referral cases"

  Scenario: A repeated request takes one case
    When Uma takes the next case with the key "monday"
    And Uma takes the next case with the key "monday"
    Then Uma has the case of Anna
    And the case of Boris is open

  Scenario: Applications of a file become cases too, and trial runs do not
    Given a file with the applications of Anna and Boris
    When the broker portal uploads the file as a trial run, and it is decided
    Then 2 cases wait
    When the broker portal uploads the file, and it is decided
    Then 4 cases wait
