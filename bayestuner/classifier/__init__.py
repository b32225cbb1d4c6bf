"""The application: tune a network that tells from a table of customers which product each will buy."""

from bayestuner.classifier.customers import load_customers as load_customers
from bayestuner.classifier.customers import lowest_log_loss as lowest_log_loss
from bayestuner.classifier.customers import true_probabilities as true_probabilities
from bayestuner.classifier.model import CustomerModel as CustomerModel
from bayestuner.classifier.model import fit as fit
from bayestuner.classifier.model import load as load
from bayestuner.classifier.objective import DEFAULT_PARAMS as DEFAULT_PARAMS
from bayestuner.classifier.objective import Evaluation as Evaluation
from bayestuner.classifier.objective import Objective as Objective
from bayestuner.classifier.objective import default_space as default_space
from bayestuner.classifier.report import Score as Score
from bayestuner.classifier.report import baselines as baselines
from bayestuner.classifier.report import score_model as score_model
from bayestuner.classifier.report import seed_noise as seed_noise
from bayestuner.classifier.table import Table as Table
from bayestuner.classifier.table import as_table as as_table
from bayestuner.classifier.table import read_table as read_table
from bayestuner.classifier.training import TrainingError as TrainingError
