"""Plain prose to compare next words on: several hundred tokens that no test has tuned anything for."""

from __future__ import annotations

TEXTS = (
    """The lighthouse at the end of the bay was built in 1871, after three ships had run aground within one winter. Its keeper
lived there with his family until the lamp was made automatic, and the logbooks that he left behind are now in the museum of
the town. They tell of storms and of birds, of a cow that swam across the channel, and of the summer when nobody came.""",
    """To change the filter, switch the machine off and wait until it has cooled. Open the cover on the left side, press the two
clips together and pull the old filter out. Rinse the new one under running water for a minute before you put it in. If the
light keeps blinking, hold the button for five seconds. Do not use soap, because it would stay in the pores.""",
    """Dear Ms Hartley, thank you for your letter of 3 March. We have looked into the delay and found that the parcel was sent
to our branch in Leeds instead of your address. A replacement left our warehouse this morning and should reach you by Friday. We
are sorry for the trouble, and have refunded the cost of delivery. If anything else is wrong, please call us on weekdays.""",
    """Photosynthesis takes place in the leaves of a plant. Light is absorbed by chlorophyll, water is split into oxygen and
hydrogen, and carbon dioxide from the air is turned into sugar. The oxygen leaves through small openings on the underside of the
leaf. At night the process stops, and the plant uses some of the sugar that it made during the day.""",
    """def moving_average(values, size):
    \"\"\"The mean of each window of `size` neighbours.\"\"\"
    if size < 1:
        raise ValueError("size must be positive")
    total = sum(values[:size])
    means = [total / size]
    for old, new in zip(values, values[size:]):
        total += new - old
        means.append(total / size)
    return means
""",
    """The committee met on Tuesday and agreed on three points. First, the road past the school will be closed to lorries
between seven and nine in the morning. Second, the money for the new roof will come out of the reserve. Third, the question of
parking is to be discussed again in May, when the results of the survey are known. Two members voted against the second
point, because they think that the reserve should be kept for emergencies. The next meeting will be held in the library.""",
    """<|im_start|>user
Explain in two sentences why the sky is blue.<|im_end|>
<|im_start|>assistant
The sky is blue because the molecules of the air scatter short waves of light more than long ones. Blue light has shorter
waves than red light, so it reaches our eyes from all directions.<|im_end|>
""",
)
