import '../../css/registers.css';
import '../console';
import { startForm } from './form';
import { startList } from './list';

startForm();
startList();
